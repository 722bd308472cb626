// A program for the dead-letter stores' tests: uses a store until it is done or killed. KIND is `sqlite`, whose
// PLACE is a file, or `redis`, whose PLACE is a port and a database: `6379/0`.
//
//   letters-testhost add KIND PLACE ROUND     adds letters for ever; a line for each that is kept
//   letters-testhost claim KIND PLACE OWNER   says `ready`, waits for a line, then claims and
//                                             completes until none is pending; a line for each
import Adapters
import Engine
import FleetModel
import Foundation

struct Usage: Error {}

func store(_ kind: String, at place: String) throws -> any DeadLetterStore {
  switch kind {
  case "sqlite": return try SQLiteDeadLetterStore(path: place, entryLimit: 10_000_000)
  case "redis":
    let words = place.split(separator: "/").compactMap { Int($0) }
    guard words.count == 2 else { throw Usage() }
    return try RedisDeadLetterStore(
      RedisAddress(.network("127.0.0.1", port: words[0]), database: words[1]),
      entryLimit: 10_000_000)
  default: throw Usage()
  }
}

/// One line in one write: whoever reads has it whole, even when this program is killed next.
func say(_ text: String) {
  let line = Array("\(text)\n".utf8)
  guard write(1, line, line.count) == line.count else { exit(74) }
}

func letter(round: UInt64, number: UInt64) -> DeadLetter {
  let now = SQLiteDeadLetterStore.systemTime()
  return DeadLetter(
    id: DeadLetterID(CallID(high: round, low: number)), server: ServerID("server-\(number % 7)"),
    client: "host", method: "tools/call", target: "create_issue",
    params: JSONText(
      unchecked: Array(
        #"{"name":"create_issue","arguments":{"body":"\#(String(repeating: "x", count: 500))"}}"#
          .utf8)),
    errorKind: "503", errorMessage: "Service Unavailable", delivery: .refused,
    isIdempotent: false,
    attempts: [
      Attempt(startedAt: now, duration: .milliseconds(12), result: "503", backoff: .zero)
    ],
    createdAt: now, lastAttemptAt: now, expiresAt: now + .seconds(86_400))
}

/// Four at once, so that some share a transaction and some have their own.
func add(_ store: any DeadLetterStore, round: UInt64) async throws {
  try await withThrowingTaskGroup { group in
    for lane in 0..<4 as Range<UInt64> {
      group.addTask {
        var number = lane
        while true {
          let letter = letter(round: round, number: number)
          guard try await store.add(letter).isNew else { exit(65) }
          say(letter.id.text)
          number += 4
        }
      }
    }
    try await group.waitForAll()
  }
}

func claim(_ store: any DeadLetterStore, owner: String) async throws {
  say("ready")
  _ = readLine()
  let pending = DeadLetterSelection.matching(DeadLetterFilter(states: [.pending]))
  while true {
    let page = try await store.page(pending, after: nil, limit: 8)
    if page.letters.isEmpty { return }
    let claim = try await store.claim(
      page.letters.map(\.id), by: owner, isForced: true,
      until: SQLiteDeadLetterStore.systemTime() + .seconds(3600))
    for letter in claim.letters {
      say(letter.id.text)
      try await store.complete(letter, by: owner)
    }
  }
}

do {
  let words = CommandLine.arguments.dropFirst()
  guard words.count == 4 else { throw Usage() }
  let (verb, kind, place, last) = (words[1], words[2], words[3], words[4])
  let store = try store(kind, at: place)
  switch verb {
  case "add":
    guard let round = UInt64(last) else { throw Usage() }
    try await add(store, round: round)
  case "claim": try await claim(store, owner: last)
  default: throw Usage()
  }
  await store.close()
} catch {
  FileHandle.standardError.write(Data("letters-testhost: \(error)\n".utf8))
  exit(70)
}

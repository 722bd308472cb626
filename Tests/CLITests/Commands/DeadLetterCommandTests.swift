import Engine
import FleetModel
import Testing
import Wire

@testable import CLI

/// `mcpdash dlq …`, through a running engine and on a store alone.
struct DeadLetterCommandTests {
  static let path = "/home/op/.local/state/mcpdash/dead-letters.sqlite3"
  static let now = ScriptedFleet.now

  static func letter(
    _ number: UInt64, server: String = "alpha", state: DeadLetter.State = .pending
  ) -> DeadLetter {
    DeadLetter(
      id: DeadLetterID(CallID(high: 7, low: number)), server: ServerID(server), client: "agent",
      method: "tools/call", target: "t\u{1B}]0;x\u{7}",
      params: JSONText(unchecked: Array(#"{"name":"t","arguments":{"q":1.50}}"#.utf8)),
      errorKind: "503", errorMessage: "busy\n\u{9B}2J", delivery: .unknown, isIdempotent: false,
      attempts: [
        Attempt(startedAt: now, duration: .seconds(1), result: "503", backoff: .zero)
      ], createdAt: now + .seconds(-Int64(number)), lastAttemptAt: now,
      expiresAt: now + .seconds(3600), state: state)
  }

  /// A store with these letters, and a bench without an engine.
  static func bench(
    _ letters: [DeadLetter]
  ) async -> (bench: ProgramBench, store: MemoryDeadLetterStore) {
    let store = MemoryDeadLetterStore(wallClock: { now })
    for letter in letters { _ = await store.add(letter) }
    var bench = ProgramBench(doors: ScriptedDoors(store: store))
    bench.files[path] = ""
    return (bench, store)
  }

  private func running(_ fleet: ScriptedFleet) -> ProgramBench {
    ProgramBench(doors: ScriptedDoors(running: fleet))
  }

  // MARK: - Looking

  @Test func `a list says how to get the next page`() async throws {
    let (bench, _) = await Self.bench((1...5).map { Self.letter($0) })
    let first = await bench.run("dlq", "list", "-n", "2")
    #expect(first.status == .success)
    let cursor = DeadLetterCursor(after: Self.letter(2)).text
    #expect(first.output.hasSuffix("\nThere are more: --after '\(cursor)'\n"))
    let second = await bench.run("dlq", "list", "-n", "2", "--after", cursor)
    #expect(second.output.contains(Self.letter(4).id.text))
    #expect(!second.output.contains(Self.letter(2).id.text))
    let last = await bench.run("dlq", "list", "--json", "--limit", "5")
    let document = try JSONView(Array(last.output.utf8))
    #expect(document.member("entries")?.elements.count { _ in true } == 5)
    #expect(document.member("next")?.isNull == true)
  }

  @Test(
    arguments: [
      (["--server", "beta"], [2]), (["--state", "done"], [3]), (["--state", "any"], [1, 2, 3]),
      (["--since", "2s"], [1, 2]), (["--before", "1s"], [2]), (["--text", "BUSY"], [1, 2]),
      (["--operation", "call_tool", "--kind", "503"], [1, 2]), (["--delivery", "notSent"], []),
    ] as [([String], [UInt64])])
  func `a list without an engine takes the same filter`(
    flags: [String], numbers: [UInt64]
  ) async {
    let letters = [
      Self.letter(1), Self.letter(2, server: "beta"), Self.letter(3, state: .done),
    ]
    let (bench, _) = await Self.bench(letters)
    let result = await bench.run(["dlq", "list"] + flags)
    #expect(result.status == .success, "\(result.complaints)")
    for letter in letters {
      let isWanted = numbers.contains { Self.letter($0).id == letter.id }
      #expect(result.output.contains(letter.id.text) == isWanted)
    }
  }

  @Test func `a dead letter is shown with all that is known of it, and clean`() async {
    var letter = Self.letter(2)
    letter.original = JSONText(unchecked: Array("{\"name\":\n\"old\u{200B}\"}".utf8))
    letter.params = JSONText(
      unchecked: Array("{\"p\":\"\(String(repeating: "x", count: 9000))\"}".utf8))
    letter.redacted = ["arguments.\u{1B}password", "arguments.pin"]
    letter.needsToken = true
    letter.endpoint = "https://a/mcp"
    letter.state = .replaying
    letter.lease = DeadLetter.Lease(owner: "ann\u{7}", until: Self.now + .seconds(60))
    let bench = running(ScriptedFleet(letters: [Self.letter(1), letter]))
    let result = await bench.run("dlq", "show", letter.id.text)
    #expect(result.status == .success)
    let lines = result.output.split(separator: "\n").map(String.init)
    #expect(lines[0] == "id           \(letter.id)")
    #expect(lines.contains("target       t\u{FFFD}]0;x\u{FFFD}"))
    #expect(lines.contains("message      busy \u{FFFD}2J"))
    #expect(lines.contains("params       \(letter.params.text)"))
    #expect(lines.contains(#"original     {"name": "old\u200b"}"#))
    #expect(lines.contains("redacted     arguments.\u{FFFD}password, arguments.pin"))
    #expect(lines.contains("endpoint     https://a/mcp"))
    #expect(lines.contains("replayed by  ann\u{FFFD} until 2026-11-21T03:05:05.678Z"))
    #expect(lines.contains { $0.hasPrefix("token        was its caller's own") })
    #expect(lines.contains { $0.hasPrefix("try 1        startedAt ") })
  }

  @Test(arguments: [
    ["list"], ["show"], ["show", "--json"], ["list", "--json"], ["stats"], ["stats", "--json"],
    ["export"],
  ])
  func `no letter makes the terminal obey`(words: [String]) async {
    let text = "\u{1B}[2J\u{9B}31m\u{7}\u{202E}\r\n\u{200B}x"
    var letter = Self.letter(1, server: text)
    letter.id = DeadLetterID("id" + text)
    (letter.client, letter.method, letter.target) = (text, text, text)
    (letter.errorKind, letter.errorMessage, letter.endpoint) = (text, text, text)
    letter.redacted = [text]
    var writer = JSONWriter()
    writer.object { $0.member(text, text) }
    letter.params = writer.json
    letter.original = writer.json
    let (bench, _) = await Self.bench([letter])
    let ids = words[0] == "show" ? [letter.id.text] : []
    let result = await bench.run(["dlq"] + words + ids)
    #expect(result.status == .success)
    #expect(!result.output.isEmpty)
    for scalar in "\u{1B}\u{9B}\u{7}\u{202E}\u{200B}\r".unicodeScalars {
      #expect(!result.output.unicodeScalars.contains(scalar))
      #expect(result.complaints.allSatisfy { !$0.unicodeScalars.contains(scalar) })
    }
  }

  @Test func `many letters are shown in the order asked for`() async {
    let letters = (1...25).map { Self.letter($0, state: $0 % 2 == 0 ? .done : .pending) }
    let (bench, _) = await Self.bench(letters)
    let result = await bench.run(["dlq", "show"] + letters.map(\.id.text))
    #expect(result.status == .success)
    let shown = result.output.split(separator: "\n").filter { $0.hasPrefix("id  ") }
    #expect(shown.map { $0.suffix(36) } == letters.map { $0.id.text.suffix(36) })
  }

  @Test func `a letter that is not there is told and ends with 1`() async {
    let bench = running(ScriptedFleet(letters: [Self.letter(1)]))
    let result = await bench.run("dlq", "show", Self.letter(1).id.text, "gone", "--json")
    #expect(result.status == .failure)
    #expect(result.output.hasPrefix(#"{"entries":[{"id":"00000000-0000-0007-0000-000000000001","#))
    #expect(result.complaints == ["mcpdash: there is no dead letter gone"])
  }

  @Test func `the queue in numbers is there with and without an engine`() async throws {
    let (bench, _) = await Self.bench([Self.letter(1), Self.letter(2, server: "beta")])
    #expect(await bench.run("dlq", "stats").output.contains("beta"))
    let document = try JSONView(Array(await bench.run("dlq", "stats", "--json").output.utf8))
    #expect(document.member("total")?.int == 2)
    #expect(await running(ScriptedFleet()).run("dlq", "stats").status == .success)
  }

  @Test func `no file of letters is no letters`() async {
    let list = await ProgramBench().run("dlq", "list", "--json")
    #expect(list.status == .success)
    #expect(list.output == "{\"entries\":[],\"next\":null}\n")
    #expect(list.complaints == ["mcpdash: there are no dead letters yet (no file \(Self.path))"])
    let stats = await ProgramBench().run("dlq", "stats", "--json")
    #expect(stats.output.hasPrefix(#"{"total":0,"#))
    #expect(await ProgramBench().run("dlq", "show", "a").status == .failure)
    #expect(await ProgramBench().run("dlq", "export").output.isEmpty)
    let shown = await ProgramBench().run("dlq", "show", "a", "--json")
    #expect(shown.status == .failure && shown.output == "{\"entries\":[]}\n")
    #expect(shown.complaints.last == "mcpdash: there is no dead letter a")
  }

  @Test(arguments: [["delete", "a"], ["purge", "--all", "--yes"], ["discard", "--all"]])
  func `without a file of letters the receipt is one of no letters`(words: [String]) async throws {
    let result = await ProgramBench().run(["dlq"] + words + ["--json"])
    #expect(result.status == (words[0] == "delete" ? .failure : .success))
    let receipt = try JSONView(Array(result.output.utf8))
    #expect(receipt.member("letters")?.int == 0)
    #expect(receipt.member("replay")?.isNull == true)
  }

  @Test func `the store that was chosen is the one that is opened`() async {
    let (bench, _) = await Self.bench([Self.letter(1)])
    let other = await bench.run("--redis", "redis://:geheim@h:7/3", "dlq", "list")
    #expect(other.status == .success)
    #expect(bench.doors.opened == ["letters at redis://h:7/3"])
  }

  @Test func `a store that a flag names is meant, whatever engine runs here`() async {
    let store = MemoryDeadLetterStore(wallClock: { Self.now })
    _ = await store.add(Self.letter(1))
    let doors = ScriptedDoors(running: ScriptedFleet(), store: store)
    var bench = ProgramBench(doors: doors)
    bench.files["/other.db"] = ""
    let result = await bench.run("--dlq-file", "/other.db", "dlq", "list")
    #expect(result.output.contains(Self.letter(1).id.text))
    #expect(doors.opened == ["letters at /other.db"])
    bench.environment["REDIS_ADDR"] = "h"
    _ = await bench.run("dlq", "list")
    #expect(doors.opened.contains("running in /home/op/.local/state/mcpdash"))
  }

  // MARK: - Changing

  @Test func `discarded letters stay, deleted ones are gone`() async {
    let letters = (1...3).map { Self.letter($0) }
    let (bench, store) = await Self.bench(letters)
    let discarded = await bench.run("dlq", "discard", letters[0].id.text)
    #expect(discarded.output == "1 dead letter discarded\n")
    #expect(await bench.run("dlq", "delete", letters[1].id.text).status == .success)
    let gone = await bench.run("dlq", "delete", letters[1].id.text, letters[2].id.text)
    #expect(gone.status == .failure)
    #expect(gone.output == "1 dead letter deleted\n")
    let left = await store.page(.ids(letters.map(\.id)), after: nil, limit: 9).letters
    #expect(left.map(\.id) == [letters[0].id])
    #expect(left.map(\.state) == [.discarded])
  }

  @Test func `a purge without a terminal needs to be told to go ahead`() async {
    let (bench, store) = await Self.bench([Self.letter(1), Self.letter(2, server: "beta")])
    let refused = await bench.run("dlq", "purge", "--all")
    #expect(refused.status == .usage)
    #expect(
      refused.complaints == [
        "mcpdash: 2 dead letters would be deleted for good, and there is no terminal to ask on;"
          + " say --yes"
      ])
    #expect(await store.count(.all) == 2)
    let done = await bench.run("dlq", "purge", "--server", "beta", "--yes", "--json")
    #expect(done.status == .success)
    #expect(done.output.contains(#""letters":1"#))
    #expect(await store.count(.all) == 1)
  }

  @Test(arguments: [true, false])
  func `a purge on a terminal says how many there are and asks`(agrees: Bool) async {
    var (bench, store) = await Self.bench([Self.letter(1), Self.letter(2)])
    bench.agrees = agrees
    let result = await bench.run("dlq", "purge", "--all")
    #expect(result.said == "Delete 2 dead letters for good? [y/N] ")
    #expect(result.status == (agrees ? .success : .failure))
    #expect(result.complaints == (agrees ? [] : ["mcpdash: nothing was deleted"]))
    #expect(await store.count(.all) == (agrees ? 0 : 2))
  }

  @Test func `what comes after the question is not purged`() async {
    let fleet = ScriptedFleet(letters: [Self.letter(1)])
    _ = await running(fleet).run("dlq", "purge", "--all", "--yes")
    #expect(fleet.commands == [.delete(.matching(DeadLetterFilter(before: Self.now)))])
  }

  @Test func `nothing to purge needs no answer`() async {
    let (bench, _) = await Self.bench([Self.letter(1)])
    let result = await bench.run("dlq", "purge", "--server", "beta")
    #expect(result.status == .success)
    #expect(result.output == "0 dead letters deleted\n")
  }

  @Test func `a replay is stopped by its number`() async {
    let fleet = ScriptedFleet()
    #expect(await running(fleet).run("dlq", "stop", "7").status == .success)
    #expect(await running(fleet).run("dlq", "stop", "--all").status == .success)
    #expect(fleet.commands == [.stopReplay(7), .stopReplay(nil)])
  }
}

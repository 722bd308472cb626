import FleetModel
import Synchronization
import Testing

@testable import CLI

/// `mcpdash dlq replay`: what it asks for, what it tells, and how it ends.
struct LetterReplayCommandTests {
  private func bench(_ fleet: ScriptedFleet) -> ProgramBench {
    var bench = ProgramBench(doors: ScriptedDoors(running: fleet))
    bench.environment["USER"] = "ann"
    return bench
  }

  @Test(arguments: [
    (ReplayCount(delivered: 3), CLI.ExitStatus.success),
    (ReplayCount(delivered: 3, failed: 1), .failure),
    (ReplayCount(delivered: 3, unsafe: 1), .failure),
    (ReplayCount(delivered: 3, taken: 1), .failure),
    (ReplayCount(delivered: 3, unsendable: 1), .failure),
    (ReplayCount(delivered: 3, left: 1), .failure),
  ])
  func `a replay that leaves something undelivered ends with 1`(
    count: ReplayCount, status: CLI.ExitStatus
  ) async {
    let fleet = ScriptedFleet(replayCount: count)
    let result = await bench(fleet).run("dlq", "replay", "--server", "alpha", "--force")
    #expect(result.status == status)
    #expect(result.output == "replayed\n")
    #expect(
      fleet.commands == [
        .replay(ReplayOrder(.server(ServerID("alpha")), isForced: true, owner: "ann"))
      ])
  }

  @Test(arguments: [["--redis", "h"], ["--dlq-file", "/a.db"]])
  func `an engine stops no replay of a store that a flag names`(flags: [String]) async {
    let fleet = ScriptedFleet()
    let result = await bench(fleet).run(flags + ["dlq", "stop", "--all"])
    #expect(result.status == .usage)
    #expect(result.complaints.first?.contains("stops its own replays") == true)
    #expect(fleet.commands.isEmpty)
  }

  @Test(arguments: [true, false])
  func `without a running engine, or with a store that a flag names, an engine of its own sends`(
    isRunning: Bool
  ) async {
    let (running, own) = (ScriptedFleet(), ScriptedFleet())
    let doors = ScriptedDoors(running: isRunning ? running : nil, own: own)
    var bench = ProgramBench(
      doors: doors,
      files: ["./mcpdash.json5": "{servers: {alpha: {url: 'http://a'}, beta: {url: 'http://b'}}}"])
    bench.environment["USER"] = "ann"
    let flags = isRunning ? ["--dlq-file", "/a.db"] : []
    let result = await bench.run(flags + ["dlq", "replay", "--server", "beta"])
    #expect(result.status == .success, "\(result)")
    #expect(running.commands.isEmpty)
    #expect(own.commands == [.replay(ReplayOrder(.server(ServerID("beta")), owner: "ann"))])
    let place = isRunning ? "/a.db" : "/home/op/.local/state/mcpdash/dead-letters.sqlite3"
    #expect(doors.opened == ["own of beta with \(place)", "closed"])
  }

  @Test func `a dry run ends well, whatever would be left out`() async {
    let fleet = ScriptedFleet(replayCount: ReplayCount(unsafe: 2, planned: 1))
    let result = await bench(fleet).run("dlq", "replay", "--all", "--dry-run", "--json")
    #expect(result.status == .success)
    #expect(result.output.contains(#""planned":1"#))
    #expect(fleet.commands == [.replay(ReplayOrder(.all, isDryRun: true, owner: "ann"))])
  }

  @Test func `everything that can be said of a replay arrives`() async {
    let fleet = ScriptedFleet()
    var bench = bench(fleet)
    bench.input = "{city: 'Bern'}"
    bench.environment["T"] = "token"
    let result = await bench.run(
      "dlq", "replay", "a", "--arguments", "-", "--pace", "0", "--when-closed", "--token-env", "T")
    #expect(result.status == .success)
    #expect(
      fleet.commands == [
        .replay(
          ReplayOrder(
            .ids([DeadLetterID("a")]), pace: nil, waitsForBreaker: true,
            arguments: JSONText(unchecked: Array(#"{"city":"Bern"}"#.utf8)),
            token: Secret("token"), owner: "ann"))
      ])
  }

  /// The fleet while a replay of ann's runs, and how it is let go on.
  private static func picture(_ count: ReplayCount) -> Snapshot {
    var snapshot = Snapshot(
      at: ScriptedFleet.now,
      engine: EngineIdentity(name: "mcpdash", version: "1", startedAt: ScriptedFleet.now))
    snapshot.deadLetters.replays = [
      ReplaySnapshot(
        number: 5, owner: "ann", startedAt: ScriptedFleet.now, total: 9, count: count)
    ]
    return snapshot
  }

  private static let before = Snapshot(
    at: ScriptedFleet.now,
    engine: EngineIdentity(name: "mcpdash", version: "1", startedAt: ScriptedFleet.now))

  @Test func `how far it is is told while it runs`() async {
    let (ends, end) = AsyncStream.makeStream(of: Void.self)
    let fleet = ScriptedFleet(
      pictures: [
        Self.before, Self.picture(ReplayCount(delivered: 2)),
        Self.picture(ReplayCount(delivered: 4, failed: 1)),
      ], duringReplay: { for await _ in ends { return } })
    var bench = bench(fleet)
    bench.onStatus = { if $0.contains("5 of 9") { end.yield() } }
    let result = await bench.run("dlq", "replay", "--all")
    #expect(result.status == .success)
    #expect(
      result.said == "replay: 2 of 9: 2 delivered\nreplay: 5 of 9: 4 delivered, 1 failed again\n")
  }

  @Test func `a replay that the engine does not show is given up at ctrl-c`() async {
    let (never, _) = AsyncStream.makeStream(of: Void.self)
    let (cancellations, cancelled) = AsyncStream.makeStream(of: Void.self)
    let fleet = ScriptedFleet(
      pictures: [Self.before],
      duringReplay: {
        // Ends with its task and not before.
        for await _ in never {}
        cancelled.yield()
      })
    var bench = bench(fleet)
    bench.interruptions = {
      AsyncStream {
        $0.yield()
        $0.finish()
      }
    }
    let result = await bench.run("dlq", "replay", "--all", "--quiet")
    for await _ in cancellations { break }
    #expect(result.status == .interrupted)
    #expect(!fleet.commands.contains(.stopReplay(nil)))
  }

  @Test func `ctrl-c stops the replay, waits for it and says what was done`() async {
    let (ends, end) = AsyncStream.makeStream(of: Void.self)
    let fleet = ScriptedFleet(
      replayCount: ReplayCount(delivered: 2, left: 7),
      pictures: [Self.before, Self.picture(ReplayCount(delivered: 2))],
      duringReplay: { for await _ in ends { return } }, onStop: { end.yield() })
    var bench = bench(fleet)
    bench.interruptions = {
      AsyncStream {
        $0.yield()
        $0.finish()
      }
    }
    let result = await bench.run("dlq", "replay", "--all", "--quiet")
    #expect(result.status == .interrupted)
    #expect(result.output == "replayed\n")
    #expect(fleet.commands.contains(.stopReplay(5)))
    #expect(bench.doors.opened.last == "closed")
  }
}

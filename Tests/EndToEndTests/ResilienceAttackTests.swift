import Foundation
import Glibc
import Testing

extension EndToEnd {
  /// Everything goes wrong at once, within bounds of calls and time.
  @Suite struct ResilienceAttacks {
    /// What a running program holds.
    private struct Cost {
      let kilobytes: Int
      let descriptors: Int

      init(of pid: pid_t) throws {
        let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
        kilobytes = line?.split(separator: " ").compactMap { Int($0) }.first ?? 0
        descriptors = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
      }
    }

    /// Until this many kilobytes more it is noise of the allocator.
    private static let growthLimit = 20_000

    private static let eras = ["modern", "handshake"]

    @Test(arguments: eras, [1, 2, 3])
    func `no key runs twice whatever replies are lost`(era: String, seed: Int) async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place, ["--era", era, "--seed", String(seed)])
      let program = try Program(
        place,
        configuration: """
          { servers: { alpha: { url: "\(server.url)" } }, policies: { "*": {
              retry: { initialDelay: "10ms", tryTimeout: "2s", profile: "standard" },
              breaker: { failures: 10000, minSamples: 100000 } } } }
          """)
      let screen = try await Screen(place, command: program.commandLine)
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }
      try await server.setFaults(
        """
        {"reset": {"probability": 0.15, "on": "calls"}, "truncated": {"probability": 0.1, "on": "calls"},
         "garbage": [{"probability": 0.05, "on": "calls"},
           {"probability": 0.05, "on": "calls", "as": "http"}],
         "status": [{"code": 503, "probability": 0.1, "on": "calls", "runs": true},
           {"code": 502, "probability": 0.05, "on": "calls"}],
         "rateLimited": {"probability": 0.05, "on": "calls", "retryAfter": 0},
         "protocolError": {"probability": 0.05, "runs": true},
         "sessionLoss": {"probability": 0.03, "on": "calls"}}
        """)

      let requests = try (0..<300).map { _ in try program.begin("alpha", "counter") }
      var outcomes: [CallOutcome] = []
      for request in requests {
        outcomes.append(try await program.outcome(of: request, within: .seconds(60)))
      }

      let counters = try await server.counters()
      #expect(counters.repeats == 0)
      #expect(counters.counter > 0)
      let letters = Dictionary(
        uniqueKeysWithValues: try await program.letters().map { ($0.id, $0) })
      for outcome in outcomes {
        let runs = counters.keys[outcome.id, default: 0]
        let context = Comment(rawValue: "\(runs) runs of \(outcome)")
        switch outcome.failure?.delivery {
        case nil: #expect(outcome.kind == "protocolError" || runs == 1, context)
        case "notSent", "refused": #expect(runs == 0, context)
        default: #expect(letters[outcome.id]?.unsafeToReplay == true, context)
        }
      }
      try await screen.shows("alpha")
    }

    @Test func `a thousand calls through killed servers, frozen servers and a restless hand end`()
      async throws
    {
      let place = try Workplace()
      let servers = [
        "modern": try await FaultyServer(in: place),
        "handshake": try await FaultyServer(in: place, ["--era", "handshake"]),
      ]
      let silent = try await RogueMode.silent.start(in: place)
      let child = try Prerequisite.faultServer.found()
      let program = try Program(
        place,
        configuration: """
          { servers: {
              modern: { url: "\(servers["modern"]?.url ?? "")" },
              handshake: { url: "\(servers["handshake"]?.url ?? "")" },
              child: { command: "\(child)", args: ["--stdio"] }, silent: { url: "\(silent)" } },
            policies: { "*": {
              retry: { initialDelay: "20ms", tryTimeout: "500ms", totalTimeout: "10s" },
              breaker: { openFor: "300ms" }, health: { interval: "1s", timeout: "500ms" },
              pool: { reconnectDelay: "100ms", maxReconnectDelay: "500ms", connectTimeout: "2s" } } } }
          """)
      let screen = try await Screen(place, command: program.commandLine)
      try await program.picture(where: "three are connected") {
        $0.servers.filter(\.isConnected).count == 3
      }
      let pid = try await screen.programPID()
      var random = SplitMix(state: 42)
      var before: Cost?
      var ids: Set<String> = []
      let names = ["modern", "handshake", "child", "silent"]
      for round in 0..<40 {
        let calls = try (0..<25).map { number in
          let name = names[number % 8 == 7 ? 3 : number % 3]
          return number % 2 == 0
            ? try program.begin(name, "counter")
            : try program.begin(name, "echo", #"{"message": "a"}"#)
        }
        let chosen = names[Int(random.next() % 2)]
        switch random.next() % 6 {
        case 0:
          servers[chosen]?.kill()
          try await servers[chosen]?.restart()
        case 1:
          servers[chosen]?.freeze()
          _ = try program.ask("POST", "/breakers/\(chosen)/reset", "{}")
          try await Task.sleep(for: .milliseconds(Int64(random.next() % 700)))
          servers[chosen]?.thaw()
        case 2: try await program.command("/breakers/\(chosen)/open", #"{"ttlSeconds": 0.3}"#)
        case 3: try await program.command("/breakers/\(chosen)/disable", #"{"ttlSeconds": 0.5}"#)
        case 4:
          for name in names { try await program.command("/servers/\(name)/reconnect", "{}") }
        default: try await screen.resize(columns: round % 2 == 0 ? 200 : 80, rows: 60)
        }
        for call in calls { ids.insert(try await program.outcome(of: call).id) }
        if round == 10 { before = try Cost(of: pid) }
      }
      #expect(ids.count == 1000)

      for name in names { try await program.command("/breakers/\(name)/reset", "{}") }
      for name in ["modern", "handshake", "child"] {
        #expect(try await program.call(name, "echo", #"{"message": "end"}"#).text == "end")
      }
      let end = try await program.picture(where: "nothing is left over") {
        $0.servers.allSatisfy {
          $0.pool.active + $0.pool.waiting + $0.load.running + $0.load.waiting
            + $0.retries.budgetUsed == 0
        }
      }
      #expect(end["modern"]?.isConnected == true)
      let (start, after) = (try #require(before), try Cost(of: pid))
      #expect(after.kilobytes < start.kilobytes + Self.growthLimit)
      #expect(after.descriptors < start.descriptors + 30)
      for (name, server) in servers.sorted(by: { $0.key < $1.key }) {
        #expect(try await server.counters().repeats == 0, "\(name)")
      }
      let children = try await screen.childrenOfProgram()
      #expect(children.count == 1)
      try await screen.press("q")
      #expect(try await screen.status() == 0)
      #expect(children.filter { FileManager.default.fileExists(atPath: "/proc/\($0)") }.isEmpty)
    }

    @Test func `three hundred servers on one screen all answer`() async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let names = (0..<300).map { "server-\($0)" }
      let entries = names.map { "\"\($0)\": { url: \"\(server.url)\" }" }
      let program = try Program(
        place, configuration: "{ servers: { \(entries.joined(separator: ", ")) } }")
      let screen = try await Screen(place, columns: 200, rows: 60, command: program.commandLine)
      try await program.picture(where: "all are connected") {
        $0.servers.count == 300 && $0.servers.allSatisfy(\.isConnected)
      }
      let requests = try names.map { try program.begin($0, "echo", #"{"message": "a"}"#) }
      for request in requests { #expect(try await program.outcome(of: request).kind == "success") }
      server.kill()
      let down = try names.map { try program.begin($0, "echo", #"{"message": "a"}"#) }
      for request in down {
        #expect(try await program.outcome(of: request).failure?.delivery == "notSent")
      }
      try await screen.resize(columns: 80, rows: 24)
      try await screen.shows("300 down")
      try await screen.press("End")
      try await screen.shows("300/300")
      try await screen.press("q")
      #expect(try await screen.status() == 0)
    }

    @Test func `two thousand dead letters are kept, listed, replayed once each and gone`()
      async throws
    {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let program = try Program(
        place,
        configuration: """
          { servers: { alpha: { url: "\(server.url)" } }, policies: { "*": { retry: { retries: 0 },
              breaker: { failures: 10000, minSamples: 100000 } } } }
          """)
      let screen = try await Screen(place, columns: 80, rows: 24, command: program.commandLine)
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }
      let pid = try await screen.programPID()
      let before = try Cost(of: pid)
      try await server.setFaults(#"{"status": {"code": 503, "on": "calls", "runs": false}}"#)
      for _ in 0..<10 {
        let requests = try (0..<200).map { _ in try program.begin("alpha", "counter") }
        for request in requests { #expect(try await program.outcome(of: request).deadLettered) }
      }
      #expect(try await program.letters().count == 2000)
      try await program.picture(where: "they are counted") { $0.deadLetters.size == 2000 }
      try await screen.press("d")
      try await screen.shows("100 of 2,000")
      try await screen.press("G")
      // At the end; what is far above it is held no more.
      try await screen.shows("501 of 2,000")
      try await server.setFaults("{}")
      let replay = try await program.run(
        ["dlq", "replay", "--all", "--force", "--pace", "1000"], within: .seconds(60))
      #expect(replay.status == 0, "\(replay)")
      #expect(try await program.letters().isEmpty)
      let counters = try await server.counters()
      #expect(counters.counter == 2000)
      #expect(counters.repeats == 0)
      let after = try Cost(of: pid)
      #expect(after.kilobytes < before.kilobytes + Self.growthLimit)
      #expect(after.descriptors < before.descriptors + 30)
    }

    /// A seeded source of chance.
    private struct SplitMix {
      var state: UInt64

      mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
      }
    }
  }
}

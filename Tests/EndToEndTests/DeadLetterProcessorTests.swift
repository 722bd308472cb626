import Foundation
import Testing

extension EndToEnd {
  /// Letters that are sent again without a person.
  @Suite struct DeadLetterProcessor {
    /// A line for `dlq import`.
    private struct Line: Encodable {
      var version = 1
      var id: String
      var server: String
      var method = "tools/call"
      var target = "counter"
      var error_kind = "503"
      var delivery = "refused"
      var idempotent = false
      var state = "pending"
      var replay_count = 0
      var created_at = Line.time(hoursAgo: 3)
      var last_attempt = Line.time(hoursAgo: 2)
      var expires_at = Line.time(hoursAgo: -24)
      var request_body = Body()

      struct Body: Encodable {
        var name = "counter"
        var arguments: [String: String] = [:]
      }

      init(_ id: String, _ server: String, _ change: (inout Line) -> Void = { _ in }) {
        (self.id, self.server) = (id, server)
        change(&self)
        request_body.name = target
        if target == "echo" { request_body.arguments = ["message": id] }
      }

      static func time(hoursAgo hours: Double) -> String {
        Date(timeIntervalSinceNow: -3600 * hours).formatted(.iso8601)
      }
    }

    /// What one of the rules below allows.
    private static let fitting = [
      Line("server-and-kind", "alpha"),
      Line("tool-and-delivery", "beta") { $0.delivery = "notSent" },
      Line("old-enough", "gamma") { $0.replay_count = 1 },
      Line("idempotent", "gamma") {
        ($0.delivery, $0.target, $0.idempotent) = ("unknown", "echo", true)
      },
    ]

    /// What none of them does, by a hair.
    private static let others = [
      Line("other-kind", "alpha") { $0.error_kind = "429" },
      Line("other-delivery", "alpha") { ($0.delivery, $0.idempotent) = ("unknown", true) },
      Line("other-tool", "beta") { ($0.delivery, $0.target) = ("notSent", "echo") },
      Line("too-young", "gamma") { $0.last_attempt = Line.time(hoursAgo: 0) },
      Line("replayed-enough", "gamma") { $0.replay_count = 2 },
      Line("unsafe", "gamma") { $0.delivery = "unknown" },
      Line("executed", "gamma") { $0.delivery = "executed" },
      Line("done-already", "alpha") { $0.state = "discarded" },
      Line("no-rule", "delta"),
    ]

    private static let rules = """
      rules: [
        { server: "alpha", kind: "503" },
        { server: "beta", tool: "counter", delivery: "notSent" },
        {
          server: "gamma", delivery: ["refused", "unknown", "executed"], olderThan: "1h",
          maxReplays: 2,
        },
      ]
      """

    private func add(_ lines: [Line], to stage: LetterStage, _ name: String) async throws {
      let encoder = JSONEncoder()
      let text = try lines.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }
      let file = try stage.place.write(name, text.joined())
      let imported = try await stage.program.run(["dlq", "import", file])
      #expect(imported.output == "\(lines.count) new, 0 known already\n", "\(imported)")
    }

    @Test func `the processor sends what its rules allow, and never what may have run`()
      async throws
    {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let stage = try LetterStage(
        place, server, names: ["alpha", "beta", "gamma", "delta"],
        settings: #"processor: { enabled: true, every: "1s", \#(Self.rules) }"#)
      try await add(Self.fitting + Self.others, to: stage, "letters.jsonl")
      let screen = try await stage.start()
      let sent = Set(Self.fitting.map(\.id))
      try await eventually("the letters that fit are delivered") {
        Set(try await stage.states()["done"] ?? []) == sent
      }
      // By the time this one is delivered another run has looked at all the others again.
      try await add([Line("late", "alpha")], to: stage, "late.jsonl")
      try await eventually("the next run") {
        try await stage.states()["done"]?.contains("late") == true
      }
      let left = Self.others.filter { $0.state == "pending" }.map(\.id)
      #expect(Set(try await stage.states()["pending"] ?? []) == Set(left))
      let ran = try await server.counters()
      #expect(ran.keys.count == 4 && ran.repeats == 0)
      #expect(ran.calls == 5, "and the idempotent echo")
      let picture = try await stage.program.picture()
      #expect(
        picture.notices.contains { $0.text == "replay without a person: 4 delivered" },
        "\(picture.notices)")
      try await screen.press("q")
      #expect(try await screen.status() == 0)
    }

    @Test func `the processor gives up what keeps failing, and at once what then may have run`()
      async throws
    {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let rules = #"rules: [{ delivery: ["refused", "unknown"] }]"#
      let stage = try LetterStage(
        place, server, settings: #"processor: { enabled: true, every: "1s", \#(rules) }"#)
      try await server.setFaults(#"{"status": {"code": 503, "on": "calls"}}"#)
      let echo = Line("hopeless", "alpha") { ($0.target, $0.idempotent) = ("echo", true) }
      try await add([echo, Line("once", "alpha")], to: stage, "letters.jsonl")
      let screen = try await stage.start()
      #expect(try await stage.program.run(["breaker", "disable", "alpha"]).status == 0)
      try await eventually("the echo was replayed three times") {
        try await stage.program.letters().contains { $0.replayCount == 3 }
      }
      let calls = try await server.counters().calls
      try await server.setFaults("{}")
      try await add([Line("late", "alpha")], to: stage, "late.jsonl")
      try await eventually("the next run") { try await stage.states()["done"] == ["late"] }
      let letters = try await stage.program.letters()
      #expect(letters.map(\.id).sorted() == ["hopeless", "once"])
      #expect(letters.map(\.replayCount).sorted() == [1, 3])
      #expect(try await server.counters().calls == calls + 1)
      try await screen.press("q")
      #expect(try await screen.status() == 0)
    }

    @Test func `a single command's engine sends nothing by itself`() async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      let stage = try LetterStage(
        place, server, settings: #"processor: { enabled: true, every: "1s" }"#)
      try await add([Line("waiting", "alpha")], to: stage, "letters.jsonl")
      let call = try await stage.program.run(["call", "alpha", "sleep", #"{"milliseconds":2500}"#])
      #expect(call.status == 0, "\(call)")
      #expect(try await server.counters().counter == 0)
      #expect(try await stage.states() == ["pending": ["waiting"]])
    }
  }
}

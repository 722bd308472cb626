import Testing

extension EndToEnd {
  /// Whatever a server answers, the operator is told in words what was wrong with it, in time.
  @Suite struct BadAnswers {
    struct Example: Sendable, CustomTestStringConvertible {
      let fault: String
      let kind: String
      /// What the message must say.
      let words: String
      var delivery = "unknown"

      var testDescription: String { fault }

      /// Short where it is waited for.
      var timeout: String { kind == "timeout" ? "1s" : "10s" }

      static func misshapen(
        _ shape: String, _ kind: String, _ words: String, _ delivery: String = "unknown"
      ) -> Example {
        Example(
          fault: #"{"misshapen": {"as": "\#(shape)"}}"#, kind: kind, words: words,
          delivery: delivery)
      }
    }

    static let overHTTP = [
      Example(fault: #"{"garbage": {"on": "calls"}}"#, kind: "malformed answer", words: "not JSON"),
      Example(
        fault: #"{"garbage": {"as": "http", "on": "calls"}}"#, kind: "malformed answer",
        words: "HTTP"),
      Example(fault: #"{"truncated": {"on": "calls"}}"#, kind: "reset", words: "closed"),
      Example(fault: #"{"hang": {"on": "calls"}}"#, kind: "timeout", words: "1 s"),
      Example(
        fault: #"{"flood": true}"#, kind: "answer too large", words: "16 MiB",
        delivery: "executed"),
      .misshapen("accepted", "malformed answer", "202"),
      .misshapen("otherID", "malformed answer", "no response to our request"),
      .misshapen("booleanID", "malformed answer", "the id is neither number nor string"),
      .misshapen("noID", "malformed answer", "no response to our request"),
      .misshapen("notUTF8", "malformed answer", "not UTF-8"),
      .misshapen("deep", "malformed answer", "deeper than 256 levels"),
      .misshapen("unknownType", "malformed answer", "riddle"),
      .misshapen("redirect", "307", "redirected to http://127.0.0.1:9/mcp", "refused"),
      .misshapen("noise", "malformed answer", "not JSON"),
      .misshapen("drip", "timeout", "1 s"),
    ]

    @Test(arguments: overHTTP)
    func `over HTTP each has its name`(example: Example) async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      try await server.setFaults(example.fault)
      var fleet = TestFleet()
      fleet.tryTimeout = example.timeout
      fleet.http("alpha", server.url)
      let program = try Program(place, configuration: fleet.text)
      let result = try await program.run(["call", "alpha", "counter", "--json"])
      try judge(CallOutcome(json: result.output), example)
      #expect(result.status > 0 && result.status < 128)
      #expect(try await server.counters().repeats == 0, "it was not sent twice")
    }

    static let overStandardStreams = [
      Example(fault: #"{"garbage": true}"#, kind: "timeout", words: "1 s"),
      Example(fault: #"{"truncated": true}"#, kind: "timeout", words: "1 s"),
      Example(fault: #"{"reset": true}"#, kind: "process exited", words: "status"),
      Example(
        fault: #"{"flood": true}"#, kind: "answer too large", words: "4 MiB", delivery: "executed"),
      .misshapen("accepted", "timeout", "1 s"), .misshapen("otherID", "timeout", "1 s"),
      .misshapen("booleanID", "timeout", "1 s"), .misshapen("noID", "timeout", "1 s"),
      .misshapen("notUTF8", "timeout", "1 s"), .misshapen("deep", "timeout", "1 s"),
      .misshapen("unknownType", "malformed answer", "riddle"),
      .misshapen("huge", "answer too large", "4 MiB", "executed"),
      .misshapen("drip", "timeout", "1 s"),
    ]

    /// What cannot be told to be the answer leaves its call to the time limit.
    @Test(arguments: overStandardStreams)
    func `over standard streams each has its name`(example: Example) async throws {
      let place = try Workplace()
      let program = try childProgram(example.fault, timeout: example.timeout, in: place)
      let result = try await program.run(["call", "alpha", "counter", "--json"])
      try judge(CallOutcome(json: result.output), example)
      #expect(result.peakKilobytes < HostileServers.memoryLimitKilobytes)
    }

    @Test(arguments: ["noise", "twice"])
    func `over standard streams a megabyte of noise and a second answer harm nobody`(
      shape: String
    ) async throws {
      let place = try Workplace()
      let program = try childProgram(#"{"misshapen": {"as": "\#(shape)"}}"#, in: place)
      let result = try await program.run(
        ["call", "alpha", "echo", #"{"message": "first"}"#, "--json"])
      #expect(try CallOutcome(json: result.output).text == "first")
    }

    /// A child with the fault on its calls.
    private func childProgram(
      _ fault: String, timeout: String = "10s", in place: Workplace
    ) throws -> Program {
      let faults = fault.replacing("true", with: #"{"on": "calls"}"#)
      let script = try place.write("faults.json", #"[{"at": 0, "faults": \#(faults)}]"#)
      var fleet = TestFleet()
      fleet.tryTimeout = timeout
      fleet.stdio("alpha", try Prerequisite.faultServer.found(), ["--stdio", "--script", script])
      return try Program(place, configuration: fleet.text)
    }

    @Test func `a second answer to one id changes nothing`() async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      try await server.setFaults(#"{"misshapen": {"as": "twice"}}"#)
      var fleet = TestFleet()
      fleet.http("alpha", server.url)
      let program = try Program(place, configuration: fleet.text)
      let result = try await program.run(
        ["call", "alpha", "echo", #"{"message": "first"}"#, "--json"])
      let outcome = try CallOutcome(json: result.output)
      #expect(outcome.kind == "success")
      #expect(outcome.text == "first")
    }

    @Test func `a body of one gigabyte is given up at the limit, in little memory`() async throws {
      let place = try Workplace()
      let server = try await FaultyServer(in: place)
      var fleet = TestFleet()
      fleet.http("alpha", server.url)
      let program = try Program(place, configuration: fleet.text)
      let healthy = try await program.run(["call", "alpha", "counter", "--json"])
      try await server.setFaults(#"{"misshapen": {"as": "huge"}}"#)
      let result = try await program.run(["call", "alpha", "counter", "--json"])
      try judge(
        CallOutcome(json: result.output),
        .misshapen("huge", "answer too large", "16 MiB", "executed"))
      #expect(result.peakKilobytes - healthy.peakKilobytes < 64 << 10)
    }

    private func judge(_ outcome: CallOutcome, _ example: Example) throws {
      let failure = try #require(outcome.failure, "\(outcome)")
      #expect(failure.kind == example.kind, "\(failure)")
      #expect(failure.message.contains(example.words), "\(failure)")
      #expect(failure.delivery == example.delivery, "\(failure)")
    }
  }
}

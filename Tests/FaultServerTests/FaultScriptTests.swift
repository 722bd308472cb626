import FleetModel
import Testing
import Wire

@testable import FaultServer

private func script(_ text: String) throws -> FaultScript {
  try FaultScript(try JSONView(Array(text.utf8)))
}

private let threePhases =
  #"[{"at":0,"faults":{"latency":1}},{"at":10,"faults":{"latency":2}},"#
  + #"{"at":15.5,"faults":{}}]"#

@Suite struct FaultScriptTests {
  @Test(
    arguments: [
      (0.0, 1.0, 10.0), (9.5, 1, 0.5), (10, 2, 5.5), (15, 2, 0.5), (16, nil, nil),
      (1000, nil, nil),
    ] as [(Double, Double?, Double?)])
  func `a phase holds until the next one begins`(
    elapsed: Double, latency: Double?, next: Double?
  ) throws {
    let (plan, wait) = try script(threePhases).plan(after: .milliseconds(Int(elapsed * 1000)))
    #expect(plan.latency == latency.map(Latency.constant))
    #expect(wait?.seconds == next)
  }

  @Test(
    arguments: [
      (0.0, 1.0, 10.0), (16, nil, 4), (20, 1, 10), (31, 2, 4.5), (39, nil, 1), (40, 1, 10),
    ] as [(Double, Double?, Double)])
  func `a repeated script begins again`(elapsed: Double, latency: Double?, next: Double) throws {
    let repeated = try script(#"{"phases":\#(threePhases),"repeat":20}"#)
    let (plan, wait) = repeated.plan(after: .milliseconds(Int(elapsed * 1000)))
    #expect(plan.latency == latency.map(Latency.constant))
    #expect(wait?.seconds == next)
  }

  @Test func `before its first phase a script is healthy, in a repetition the last phase goes on`()
    throws
  {
    let late = try script(#"{"phases":[{"at":5,"faults":{"hang":true}}],"repeat":10}"#)
    #expect(late.plan(after: .seconds(4)).plan == FaultPlan())
    #expect(late.plan(after: .seconds(14)).plan.rules.count == 1)
    #expect(late.plan(after: .seconds(14)).next == .seconds(1))
  }

  @Test(
    arguments: [
      ("3", "phases", "list of 1 to"), ("[]", "phases", "list of 1 to"),
      (#"{"phases":[]}"#, "phases", "list of 1 to"), (#"{"repeat":9}"#, "script", "phases"),
      (#"{"phases":[],"x":1}"#, "script.x", "no such setting"),
      ("[5]", "phases[0]", "give an object"),
      (#"[{"faults":{}}]"#, "phases[0]", #"give "at""#),
      (#"[{"at":0}]"#, "phases[0]", #"give "faults""#),
      (#"[{"at":-1,"faults":{}}]"#, "phases[0].at", "seconds from 0"),
      (#"[{"at":1,"faults":{}},{"at":1,"faults":{}}]"#, "phases[1].at", "later than"),
      (#"[{"at":0,"faults":{"hang":2}}]"#, "phases[0].faults.hang", "probability"),
      (#"{"phases":[{"at":9,"faults":{}}],"repeat":9}"#, "phases[0].at", "before the repetition"),
      (#"{"phases":[{"at":0,"faults":{}}],"repeat":0}"#, "repeat", "seconds from"),
    ])
  func `a wrong script names the place and the cure`(text: String, path: String, cure: String)
    throws
  {
    let error = #expect(throws: PlanError.self) { try script(text) }
    #expect(error?.path == path)
    #expect(error?.cure.contains(cure) == true)
  }

  @Test func `every flag is understood`() throws {
    let options = try FaultServerOptions([
      "--http", "80", "--control", "81", "--era", "modern", "--script", "f", "--seed", "9",
      "--crash-after", "3", "--no-health", "--name", "n",
    ])
    #expect(options.httpPort == 80 && options.controlPort == 81 && options.eras == .modern)
    #expect(options.scriptPath == "f" && options.seed == 9 && options.crashAfter == 3)
    #expect(!options.hasHealth && options.name == "n" && !options.usesStdio)
    #expect(try FaultServerOptions(["--stdio"]).usesStdio)
    #expect(try FaultServerOptions(["--help"]).wantsHelp)
  }

  @Test(
    arguments: [
      (["--http"], "--http: give a value"), (["--http", "x"], #"--http: "x" is not a port"#),
      (["--http", "65536"], #""65536" is not a port"#), (["--frob"], "--frob: no such option"),
      (["--stdio", "--era", "old"], #"--era: "old" is not modern, handshake or both"#),
      (["--stdio", "--crash-after", "0"], #"--crash-after: "0" is not"#),
      (["--stdio", "--seed", "-1"], #"--seed: "-1" is not"#), ([], "nothing to serve"),
      (["--stdio", "--http", "0"], "either --http or --stdio"),
    ])
  func `a wrong flag is named with its value and the cure`(arguments: [String], text: String) {
    let error = #expect(throws: FaultServerOptions.UsageError.self) {
      try FaultServerOptions(arguments)
    }
    #expect(error?.message.contains(text) == true)
  }
}

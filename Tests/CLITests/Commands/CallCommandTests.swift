import FleetModel
import Testing

@testable import CLI

/// `mcpdash call` and `mcpdash tools`: what they print, say and end with.
struct CallCommandTests {
  private static let usual = [
    "./mcpdash.json5": "{servers: {alpha: {command: 'a'}, beta: {url: 'http://u:p@b/mcp?k=1'}}}"
  ]

  private func bench(
    running: ScriptedFleet? = nil, own: ScriptedFleet = ScriptedFleet()
  ) -> ProgramBench {
    ProgramBench(doors: ScriptedDoors(running: running, own: own), files: Self.usual)
  }

  private static func json(_ text: String) -> JSONText { JSONText(unchecked: Array(text.utf8)) }

  @Test(arguments: [
    (#"{"content":[{"type":"text","text":"a\n\u001b[31mb"}]}"#, "a\n\u{FFFD}[31mb\n"),
    (#"{"content":[{"type":"text","text":"one\n"},{"type":"text","text":"two"}]}"#, "one\ntwo\n"),
    (
      #"{"content":[{"type":"image","mimeType":"image/png","data":"AAAABBBB"}]}"#,
      "[image/png, about 7 bytes; --json shows them]\n"
    ),
    (#"{"content":[],"structuredContent":{"a":1}}"#, "{\"a\":1}\n"),
    (#"{"content":[{"type":"resource_link","uri":"file:///x"}]}"#, "[file:///x]\n"),
    (#"{"content":[{"type":"resource","resource":{"uri":"u","text":"t"}}]}"#, "t\n"),
    (#"{"content":[{"type":"later"}]}"#, "[{\"type\":\"later\"}]\n"), ("{}", ""),
  ])
  func `a result is printed as text, cleaned of what a terminal obeys`(
    result: String, text: String
  ) async {
    let fleet = ScriptedFleet(reply: .success(Self.json(result)))
    let run = await bench(running: fleet).run("call", "alpha", "echo", "{x: 1}", "-t", "3")
    #expect(run == .init(status: .success, output: text, complaints: [], slept: []))
    #expect(
      fleet.asked == [
        #"tools/call echo {"name":"echo","arguments":{"x":1}} on alpha within 3000ms"#
      ])
  }

  @Test func `a text longer than the cleaner's limit is printed whole`() {
    let text = String(repeating: "ä", count: 10_000)
    #expect(ToolText.lines(text) == text)
  }

  @Test func `arguments can come from standard input`() async {
    let fleet = ScriptedFleet()
    var bench = bench(running: fleet)
    bench.input = "{city: 'Bern'}"
    #expect(await bench.run("call", "alpha", "t", "-").status == .success)
    #expect(
      fleet.asked == [#"tools/call t {"name":"t","arguments":{"city":"Bern"}} on alpha"#])
    bench.input = "{"
    #expect(await bench.run("call", "alpha", "t", "-").status == .badData)
  }

  @Test(arguments: [
    (
      Reply.toolError(json(#"{"content":[{"type":"text","text":"no"}],"isError":true}"#)),
      CLI.ExitStatus.toolError, "no\n", ["mcpdash: the tool ran and says that it failed"]
    ),
    (
      .protocolError(RPCError(code: -32602, message: "bad \u{7}")), .protocolError, "",
      ["mcpdash: the server answered with error -32602: bad \u{FFFD}"]
    ),
    (
      .failure(Failure(.connectionRefused, "nobody there", delivery: .notSent)),
      .transportFailure, "", ["mcpdash: refused: nobody there"]
    ),
    (
      .failure(Failure(.notConnected, "not connected: x", delivery: .notSent)),
      .transportFailure, "", ["mcpdash: not connected: x"]
    ),
  ])
  func `the four ends of a call have four statuses`(
    reply: Reply, status: CLI.ExitStatus, output: String, complaints: [String]
  ) async {
    let result = await bench(running: ScriptedFleet(reply: reply)).run("call", "alpha", "t")
    #expect(
      result == .init(status: status, output: output, complaints: complaints, slept: []))
  }

  @Test(arguments: [
    (Delivery.notSent, "'mcpdash dlq replay ID' sends it again"),
    (.refused, "'mcpdash dlq replay ID' sends it again"),
    (.unknown, "it may have run, 'mcpdash dlq replay --force ID' sends it again all the same"),
  ])
  func `a dead-lettered call names its letter and the command that sends it`(
    delivery: Delivery, advice: String
  ) async {
    let failure = Reply.failure(Failure(.tryTimeout, "too slow", delivery: delivery))
    let fleet = ScriptedFleet(reply: failure, deadLetter: .stored)
    let result = await bench(running: fleet).run("call", "alpha", "t")
    let words = advice.split(separator: "ID", maxSplits: 1)
      .joined(separator: "00000000-0000-0007-0000-000000000001")
    #expect(result.complaints.last == "mcpdash: kept as a dead letter; " + words)
  }

  @Test(arguments: [
    (
      LetterKeeping.memory,
      "kept as a dead letter in memory only, for the store does not work just now; once the store"
        + " has it, 'mcpdash dlq replay 00000000-0000-0007-0000-000000000001' sends it again"
    ), (.lost, "NOT kept as a dead letter: neither the store nor memory takes it"),
  ])
  func `a call whose letter the store does not take is told where the letter is`(
    keeping: LetterKeeping, words: String
  ) async {
    let failure = Reply.failure(Failure(.connectionRefused, "nobody", delivery: .notSent))
    let fleet = ScriptedFleet(reply: failure, deadLetter: keeping)
    let result = await bench(running: fleet).run("call", "alpha", "t")
    #expect(result.status == .transportFailure)
    #expect(result.complaints.last == "mcpdash: " + words)
    let json = await bench(running: fleet).run("call", "alpha", "t", "--json")
    #expect(
      json.output.hasSuffix(
        #""deadLettered":\#(keeping == .memory),"deadLetter":"\#(keeping.rawValue)"}"# + "\n"))
  }

  @Test func `as JSON a call prints its whole outcome, whatever its end`() async {
    let fleet = ScriptedFleet(reply: .protocolError(RPCError(code: 1, message: "no")))
    let result = await bench(running: fleet).run("call", "alpha", "t", "--json")
    #expect(result.status == .protocolError)
    #expect(result.output.hasPrefix(#"{"id":"00000000-0000-0007-0000-000000000001","kind":"#))
    #expect(result.output.hasSuffix("}\n"))
  }

  @Test func `an unknown server is answered with what was meant`() async {
    let bench = bench(running: ScriptedFleet())
    for words in [
      ["call", "alhpa", "t"], ["tools", "alhpa"], ["breaker", "open", "alhpa"],
      ["reconnect", "alhpa"], ["cache", "list", "alhpa"], ["cache", "clear", "alhpa", "k"],
      ["stats", "alhpa"],
    ] {
      let result = await bench.run(words)
      #expect(result.status == .usage)
      #expect(
        result.complaints == [
          "mcpdash: there is no server alhpa; there is alpha, beta; did you mean 'alpha'?"
        ])
    }
  }

  @Test func `a list of tools in several pages is listed whole`() async throws {
    let pages = [
      #"{"tools":[{"name":"a"}],"nextCursor":"1"}"#, #"{"tools":[{"name":"b"}],"nextCursor":""}"#,
      #"{"tools":[{"name":"c"}]}"#,
    ]
    let fleet = ScriptedFleet(pages: pages.map { JSONText(unchecked: Array($0.utf8)) })
    let result = await bench(running: fleet).run("tools", "alpha")
    #expect(result.output == "a\nb\nc\n")
    #expect(
      fleet.asked == [
        "tools/list - {} on alpha", #"tools/list - {"cursor":"1"} on alpha"#,
        #"tools/list - {"cursor":""} on alpha"#,
      ])
  }

  @Test func `a list of tools whose pages go round in a circle is refused`() async {
    let page = #"{"tools":[{"name":"a"}],"nextCursor":"1"}"#
    let fleet = ScriptedFleet(pages: [JSONText(unchecked: Array(page.utf8))])
    let result = await bench(running: fleet).run("tools", "alpha")
    #expect(result.status == .failure)
    #expect(fleet.asked.count == 2)
  }

  @Test func `tools are listed with their hints and the first line of what they say`() async {
    let fleet = ScriptedFleet(
      reply: .success(
        Self.json(
          #"{"tools":[{"name":"add","description":"Adds\ntwo","annotations":{"readOnlyHint":true}},"#
            + #"{"name":"a_longer_name"},{"name":"x\u001b","title":"Deletes","description":"\#(long)","#
            + #""annotations":{"destructiveHint":true,"idempotentHint":true}}]}"#)))
    let result = await bench(running: fleet).run("tools", "alpha")
    let lines = result.output.split(separator: "\n")
    #expect(lines[0] == "add            read-only               Adds")
    #expect(lines[1] == "a_longer_name")
    #expect(lines[2].hasPrefix("x\u{FFFD}             destructive idempotent  Deletes: long long"))
    #expect(lines[2].count == 80)
    #expect(fleet.asked == ["tools/list - {} on alpha"])
  }

  private let long = String(repeating: "long ", count: 40)

  @Test(arguments: [
    (Outcome.Source.server, [String]()), (.cache, ["mcpdash: this is a cached answer"]),
    (.staleCache, ["mcpdash: this is a cached answer past its time"]),
    (.fallback, ["mcpdash: this is the configured fallback, not the server's answer"]),
  ])
  func `a call says when its answer is not the server's own`(
    source: Outcome.Source, complaints: [String]
  ) async {
    let bench = bench(running: ScriptedFleet(source: source))
    let result = await bench.run("call", "alpha", "t")
    #expect(result.status == .success)
    #expect(result.complaints == complaints)
    #expect(
      await bench.run("call", "alpha", "t", "--json").output
        .contains(#""source":"\#(source.rawValue)""#))
  }

  @Test func `without a server the tools of all are listed`() async {
    let fleet = ScriptedFleet(reply: .success(Self.json(#"{"tools":[{"name":"add"}]}"#)))
    let text = await bench(running: fleet).run("tools")
    #expect(text.status == .success)
    #expect(text.output == "alpha\n  add\n\nbeta\n  add\n")
    #expect(fleet.asked.sorted() == ["tools/list - {} on alpha", "tools/list - {} on beta"])
    #expect(
      await bench(running: fleet).run("tools", "--json").output
        == #"{"servers":[{"name":"alpha","tools":[{"name":"add"}],"error":null},"#
        + #"{"name":"beta","tools":[{"name":"add"}],"error":null}]}"# + "\n")
  }

  @Test func `a list of all tools that lacks a server's says which and ends with 1`() async {
    let failure = Reply.failure(Failure(.connectionRefused, "gone\u{1B}[2J", delivery: .notSent))
    let bench = bench(running: ScriptedFleet(reply: failure))
    let result = await bench.run("tools")
    #expect(result.status == .failure)
    #expect(
      result.complaints == [
        "mcpdash: alpha: refused: gone\u{FFFD}[2J", "mcpdash: beta: refused: gone\u{FFFD}[2J",
      ])
    #expect(await bench.run("tools", "-j").output.contains(#""tools":null,"error":"refused: gone"#))
  }

  private static let described = ScriptedFleet(
    reply: .success(
      json(
        #"{"tools":[{"name":"find","title":"Finder","description":"Finds\n\nthings","#
          + #""annotations":{"readOnlyHint":true},"inputSchema":{"type":"object","properties":"#
          + #"{"query":{"type":"string","description":"what"},"depth":{"type":["integer","null"]},"#
          + #""mode":{"enum":["a","b"]}},"required":["query"]}},{"name":"now"}]}"#)))

  @Test func `one tool is explained with its arguments`() async {
    let bench = bench(running: Self.described)
    #expect(
      await bench.run("tools", "alpha", "find").output == """
        find  Finder
        says it is read-only

        Finds

        things

        ARGUMENT  TYPE          NEEDED  DESCRIPTION
        query     string        yes     what
        depth     integer|null  no
        mode      "a"|"b"       no

        """)
    #expect(
      await bench.run("tools", "alpha", "now").output == "now\n\nIt takes no arguments.\n")
    #expect(await bench.run("tools", "alpha", "now", "-j").output == "{\"name\":\"now\"}\n")
    let missing = await bench.run("tools", "alpha", "fnd")
    #expect(missing.status == .usage)
    #expect(missing.complaints == ["mcpdash: alpha has no tool 'fnd'; did you mean 'find'?"])
  }

  // MARK: - Progress

  private static let reports = [
    CallProgress(progress: 1, total: 4, message: "copying\u{1B}[2J"),
    CallProgress(progress: 2.5, total: 4), CallProgress(progress: 3),
    CallProgress(progress: 3), CallProgress(progress: .nan, total: 0, message: "odd"),
  ]

  @Test func `progress is told on standard error, a line for each change`() async {
    let result = await bench(running: ScriptedFleet(reports: Self.reports))
      .run("call", "alpha", "t")
    #expect(result.status == .success)
    #expect(result.complaints.isEmpty)
    #expect(
      result.said == """
        t: 1 of 4 (25 %): copying\u{FFFD}[2J
        t: 2.5 of 4 (63 %)
        t: 3
        t: ?: odd

        """)
  }

  @Test func `on a terminal progress is one line that is gone at the end`() async {
    var bench = bench(running: ScriptedFleet(reports: [CallProgress(progress: 1)]))
    bench.isTerminal = true
    #expect(
      await bench.run("call", "alpha", "t").said == "\r\u{1B}[Kt: 1\r\u{1B}[K")
    bench.doors = ScriptedDoors(running: ScriptedFleet())
    #expect(await bench.run("call", "alpha", "t").said == "")
  }

  @Test func `a quiet call tells no progress`() async {
    let bench = bench(own: ScriptedFleet(reports: Self.reports))
    #expect(await bench.run("call", "-q", "alpha", "t").said == "")
  }

  // MARK: - Which servers are started

  @Test func `for one server no other is started, but for those that stand in for it`() async {
    var bench = ProgramBench()
    bench.files = [
      "./mcpdash.json5": """
      {servers: {a: {command: 'a'}, b: {command: 'b', fallbacks: [{tool: '*', server: 'c'}]},
                 c: {command: 'c', fallbacks: [{tool: '*', server: 'b'}]}, d: {command: 'd'}}}
      """
    ]
    _ = await bench.run("call", "b", "t")
    _ = await bench.run("tools", "a")
    _ = await bench.run("tools", "nobody")
    let path = "with /home/op/.local/state/mcpdash/dead-letters.sqlite3"
    #expect(
      bench.doors.opened.filter { $0 != "closed" }
        == ["own of b,c \(path)", "own of a \(path)", "own of a,b,c,d \(path)"])
  }

  @Test func `beside ToolHive no other server is started either`() async {
    var bench = ProgramBench()
    bench.files = ["./mcpdash.json5": "{servers: {a: {command: 'a'}, b: {command: 'b'}}}"]
    _ = await bench.run("--toolhive", "call", "b", "t")
    #expect(bench.doors.opened.first?.hasPrefix("own of b with") == true)
  }
}

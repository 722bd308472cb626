import FleetModel
import Gateway
import Testing
import Wire

@Suite struct ControlErrorTests {
  @Test(arguments: [
    "/", "/nothing", "/snapshot/", "/breakers//open", "/breakers/search/explode", "/calls/1",
    "snapshot", "", "*",
  ])
  func `an unknown route lists the routes there are`(target: String) async throws {
    let answer = await Console().get(target)
    #expect(answer.status == 404)
    let routes = try #require(try answer.errorList("routes"))
    #expect(routes.contains("GET /snapshot"))
    #expect(routes.contains("POST /breakers/NAME/open"))
    #expect(routes.contains("POST /cache/clear"))
    #expect(routes.count == 32)
  }

  @Test(arguments: [
    ("POST", "/snapshot", "GET"), ("HEAD", "/metrics", "GET"), ("get", "/engine", "GET"),
    ("GET", "/breakers/search/open", "POST"), ("DELETE", "/dead-letters.txt", "GET"),
    ("PUT", "/dead-letters/replay", "POST"), ("GET", "/dead-letters/delete", "POST"),
    ("GET", "/calls", "POST"),
    ("POST", "/stats", "GET"), ("GET", "/cache/clear", "POST"),
    ("GET", "/servers/search/reconnect", "POST"), ("PUT", "/breakers/search/disable", "POST"),
  ])
  func `a wrong method is told the right one`(
    method: String, target: String, allowed: String
  ) async throws {
    let request = ControlRequest(method: method, target: target)
    let answer = await Console().interface.answer(request)
    #expect(answer.status == 405)
    #expect(try answer.errorList("allowed") == [allowed])
  }

  @Test(arguments: [
    ("/snapshot.txt?columns=0", "columns", "0"), ("/snapshot.txt?columns=1001", "columns", "1001"),
    ("/servers.txt?columns=wide", "columns", "wide"), ("/servers.txt?columns", "columns", ""),
    ("/breakers.txt?width=80", "width", "80"), ("/snapshot?columns=80", "columns", "80"),
    ("/dead-letters?limit=0", "limit", "0"), ("/dead-letters?limit=10001", "limit", "10001"),
    ("/dead-letters?limit=1&limit=2", "limit", "2"),
    ("/dead-letters?server=%zz", "the query", "%zz"), ("/breakers/%C3/open", "the path", "%C3"),
    ("/breakers/%2/open", "the path", "%2"), ("/cache?columns=80", "columns", "80"),
    ("/stats.txt?columns=0", "columns", "0"), ("/cache.txt?limit=1", "limit", "1"),
  ])
  func `a wrong parameter is named with its value and its cure`(
    target: String, field: String, value: String
  ) async throws {
    let answer = await Console().get(target)
    try expectBadValue(answer, field, value)
  }

  @Test(arguments: ["open", "close", "disable", "reset"])
  func `a wrong override is named with its value and its cure`(verb: String) async throws {
    let wrong = [
      ("{", "body", "{"), ("[]", "body", "[]"), (#"{"owner":7}"#, "owner", "7"),
      (#"{"owner":""}"#, "owner", "\"\""), (#"{"reason":["x"]}"#, "reason", #"["x"]"#),
      (#"{"ttlSeconds":-1}"#, "ttlSeconds", "-1"), (#"{"ttlSeconds":"9"}"#, "ttlSeconds", "\"9\""),
      (#"{"ttlSeconds":604800.1}"#, "ttlSeconds", "604800.1"),
      (#"{"ttlSeconds":1e999}"#, "ttlSeconds", "1e999"), (#"{"ttl":5}"#, "ttl", "5"),
    ]
    let console = Console()
    for (body, field, value) in wrong {
      try expectBadValue(await console.post("/breakers/search/\(verb)", body), field, value)
    }
    #expect(console.fleet.remembered.commands.isEmpty)
  }

  @Test(arguments: [
    ("[]", "body", "[]"), (#"{"key":"tools/list"}"#, "key", "tools/list"),
    (#"{"server":"search","key":""}"#, "key", "\"\""), (#"{"all":true}"#, "all", "true"),
    (#"{"server":7}"#, "server", "7"),
  ])
  func `a wrong choice of cached answers is named with its value and its cure`(
    body: String, field: String, value: String
  ) async throws {
    let console = Console()
    try expectBadValue(await console.post("/cache/clear", body), field, value)
    #expect(console.fleet.remembered.commands.isEmpty)
  }

  @Test(arguments: [
    (#"{"tool":"t"}"#, "server", ""), (#"{"server":"search"}"#, "tool", ""),
    (#"{"server":"search","tool":"t","method":"m"}"#, "tool", "t"),
    (#"{"server":"search","tool":["t"]}"#, "tool", #"["t"]"#),
    (#"{"server":"search","tool":"t","arguments":[1]}"#, "arguments", "[1]"),
    (#"{"server":"search","tool":"t","params":{}}"#, "params", ""),
    (#"{"server":"search","method":"m","arguments":{}}"#, "arguments", ""),
    (#"{"server":"search","method":"m","params":"p"}"#, "params", "\"p\""),
    (#"{"server":"search","method":"tools/call"}"#, "params.name", ""),
    (#"{"server":"search","method":"resources/read","params":{"uri":3}}"#, "params.uri", "3"),
    (#"{"server":"search","tool":"t","timeoutSeconds":0}"#, "timeoutSeconds", "0"),
    (#"{"server":"search","tool":"t","timeoutSeconds":86401}"#, "timeoutSeconds", "86401"),
    (#"{"server":"search","tool":"t","timeoutSeconds":"5"}"#, "timeoutSeconds", "\"5\""),
    (#"{"server":"search","tool":"t","client":{}}"#, "client", "{}"),
    (#"{"server":"search","tool":"t","origin":"probe"}"#, "origin", "\"probe\""),
  ])
  func `a wrong call is named with its value and its cure`(
    body: String, field: String, value: String
  ) async throws {
    let console = Console()
    try expectBadValue(await console.post("/calls", body), field, value)
    #expect(console.fleet.remembered.calls.isEmpty)
  }

  @Test(arguments: [
    ControlRequest.call("t", arguments: .emptyObject, on: ServerID("serch")),
    .perform(.replay(ReplayOrder(.server(ServerID("serch"))))),
    .perform(.delete(.server(ServerID("serch")))),
    .perform(.discard(.server(ServerID("serch")))),
    .deadLetters(.server(ServerID("serch")), limit: 5, .json), .cache(of: ServerID("serch"), .json),
    .perform(.invalidateCache(.entry(ServerID("serch"), "k"))),
    .statistics(of: ServerID("serch"), .text(columns: 80)),
  ])
  func `an unknown server is told the servers there are`(request: ControlRequest) async throws {
    let console = Console()
    let answer = await console.interface.answer(request)
    #expect(answer.status == 404)
    #expect(try answer.errorList("known") == ["search", "pay/ments ü"])
    #expect(try answer.error("message")?.contains("serch") == true)
    #expect(console.fleet.remembered.commands.isEmpty)
    #expect(console.fleet.remembered.calls.isEmpty)
  }

  @Test(arguments: [
    (CommandError.unknownServer("serch", known: ["search"]), 404, "search"),
    (.unknownServer("serch", known: []), 404, "none"),
    (.noSuchDeadLetter(DeadLetter.example.id), 404, "01990000-0000-7001-8000-000000000002"),
    (.store("disk full"), 500, "disk full"), (.unreachable("gone"), 503, "gone"),
  ])
  func `what the fleet refuses keeps its words`(
    error: CommandError, status: Int, words: String
  ) async throws {
    let console = Console(FakeFleet(commandError: error))
    for request in [
      ControlRequest.perform(.resetBreaker(ServerID("search"))),
      .perform(.replay(ReplayOrder(.all, isForced: true))),
      .perform(.reconnect(ServerID("search"))),
      .perform(.invalidateCache(.server(ServerID("search")))),
      .deadLetters(.all, limit: 5, .text(columns: 80)), .deadLetterCount(.all),
      .perform(.stopReplay(nil)),
      .perform(.delete(.server(ServerID("serch")))),
    ] {
      let answer = await console.interface.answer(request)
      #expect(answer.status == status)
      #expect(try answer.error("message")?.contains(words) == true)
    }
  }

  @Test func `a body up to the limit is read and one byte more is not`() async throws {
    let start = #"{"server":"search","tool":"t","arguments":{"a":""#
    let end = #""}}"#
    let filling = String(
      repeating: "x", count: ControlRequest.bodyLimit - start.utf8.count - end.utf8.count)
    let console = Console()
    #expect(await console.post("/calls", start + filling + end).status == 200)
    let refused = await console.post("/calls", start + filling + "x" + end)
    #expect(refused.status == 413)
    #expect(try refused.error("message")?.contains("4194304") == true)
    #expect(console.fleet.remembered.calls.count == 1)
  }

  @Test func `a wrong value is repeated only so far, and harmless`() async throws {
    let answer = await Console().post(
      "/calls", #"{"x":"\#u{9B}\#(String(repeating: "y", count: 500))"}"#)
    #expect(answer.status == 400)
    #expect(answer.body.count < 600)
    #expect(!answer.text.unicodeScalars.contains("\u{9B}"))
  }

  func expectBadValue(
    _ answer: ControlResponse, _ field: String, _ value: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    #expect(answer.status == 400, sourceLocation: sourceLocation)
    #expect(try answer.error("field") == field, sourceLocation: sourceLocation)
    #expect(try answer.error("value") == value, sourceLocation: sourceLocation)
    let cure = try #require(try answer.error("cure"), sourceLocation: sourceLocation)
    #expect(!cure.isEmpty, sourceLocation: sourceLocation)
    let message = try #require(try answer.error("message"), sourceLocation: sourceLocation)
    #expect(message.contains(field), sourceLocation: sourceLocation)
    #expect(message.contains(cure), sourceLocation: sourceLocation)
  }
}

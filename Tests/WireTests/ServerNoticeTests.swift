import FleetModel
import Testing

@testable import Wire

@Suite struct `A notification` {
  private func notice(_ method: String, _ params: String = "{}") throws -> ServerNotice {
    ServerNotice(method: method, params: try JSONView(Array(params.utf8)))
  }

  @Test(arguments: [
    ("notifications/tools/list_changed", ServerNotice.toolsChanged),
    ("notifications/resources/list_changed", .readsChanged("resources/")),
    ("notifications/resources/updated", .readsChanged("resources/read")),
    ("notifications/prompts/list_changed", .readsChanged("prompts/")),
    ("notifications/subscriptions/acknowledged", .acknowledged), ("notifications/x", .other),
    ("notifications/cancelled", .other),
  ])
  func `is known by its method`(method: String, expected: ServerNotice) throws {
    #expect(try notice(method) == expected)
  }

  @Test func `of progress carries our token, as a number or a string, and cleaned text`() throws {
    #expect(
      try notice(
        "notifications/progress",
        #"{"progressToken":7,"progress":0.5,"total":2,"message":"a\u001bb"}"#)
        == .progress(token: 7, CallProgress(progress: 0.5, total: 2, message: "a\u{FFFD}b")))
    #expect(
      try notice("notifications/progress", #"{"progressToken":"7","progress":1}"#)
        == .progress(token: 7, CallProgress(progress: 1)))
  }

  @Test(arguments: [
    "{}", #"{"progressToken":7}"#, #"{"progressToken":"x","progress":1}"#,
    #"{"progressToken":7,"progress":1e999}"#, #"{"progressToken":7,"progress":"1"}"#,
  ])
  func `of progress that cannot be read is none`(params: String) throws {
    #expect(try notice("notifications/progress", params) == .other)
  }

  @Test func `of a log has a level, its logger and its text in one line`() throws {
    #expect(
      try notice("notifications/message", #"{"level":"error","logger":"db","data":"down\nnow"}"#)
        == .logged(.error, "db: down now"))
    #expect(
      try notice("notifications/message", #"{"level":"?","data":{"a":1}}"#)
        == .logged(.info, #"{"a":1}"#))
    #expect(try notice("notifications/message", "{}") == .other)
  }

  @Test(arguments: [
    (SessionPolicy.LogLevel.debug, Notice.Severity.info), (.notice, .info), (.warning, .warning),
    (.error, .error), (.emergency, .error),
  ])
  func `of a log is as severe as its level says`(
    level: SessionPolicy.LogLevel, severity: Notice.Severity
  ) {
    #expect(level.severity == severity)
  }
}

@Suite struct `Progress of a request` {
  private func admits(_ ledger: inout ProgressLedger, _ progress: Double) -> Bool {
    ledger.admits(progress, for: 7)
  }

  @Test func `counts while it is active and as long as it grows`() {
    var ledger = ProgressLedger()
    #expect(!admits(&ledger, 1))
    ledger.begin(7)
    let admitted = [0.0, 0.5, 0.5, 0.4, 3, 2].map { ledger.admits($0, for: 7) }
    #expect(admitted == [true, true, false, false, true, false])
    ledger.end(7)
    #expect(!admits(&ledger, 9))
  }

  @Test func `in steps never hides what the server says itself`() {
    var ledger = ProgressLedger()
    #expect(ledger.step(1, for: 7) == nil)
    ledger.begin(7)
    #expect(ledger.step(1, for: 7) == 1)
    #expect(admits(&ledger, 0.1))
    #expect(ledger.step(2, for: 7).map { $0 > 0.1 } == true)
    #expect(admits(&ledger, 0.2))
  }
}

@Suite struct `Log messages` {
  @Test func `are told ten a second, and the rest as one number`() {
    var meter = LogMeter()
    let start = Instant.origin + .seconds(5)
    let told = (0..<15).count { _ in meter.admits(at: start) }
    #expect(told == LogMeter.limit)
    #expect(meter.restIsDue == start + LogMeter.window)
    #expect(meter.takeRest() == 5)
    #expect(meter.restIsDue == nil)
    let later = [999, 1000].map { meter.admits(at: start + .milliseconds($0)) }
    #expect(later == [false, true])
  }
}

@Suite struct `A listening stream` {
  private func delay(
    _ pacing: inout StreamPacing, news: Bool = false, life: Int64 = 0, asked: Duration? = nil
  ) -> Duration {
    pacing.delay(broughtNews: news, life: .seconds(life), asked: asked)
  }

  @Test func `that brings nothing is opened again ever more slowly, up to a minute`() {
    var pacing = StreamPacing()
    let delays = (0..<8).map { _ in delay(&pacing) }
    #expect(
      delays == [2, 4, 8, 16, 32, 60, 60, 60].map { .seconds($0) })
    #expect(delay(&pacing, news: true) == .seconds(1))
    #expect(delay(&pacing) == .seconds(2))
    #expect(delay(&pacing, life: 30) == .seconds(1))
  }

  @Test func `waits as long as the server asks, but never spins`() {
    var pacing = StreamPacing()
    #expect(delay(&pacing, news: true, asked: .milliseconds(500)) == .milliseconds(500))
    #expect(delay(&pacing, news: true, asked: .zero) == .milliseconds(100))
    #expect(delay(&pacing, asked: .milliseconds(500)) == .seconds(2))
    #expect(delay(&pacing, asked: .seconds(90)) == .seconds(90))
  }

  @Test func `keeps its cursor and forgets half an event when it goes on`() throws {
    var stream = ServerSentEvents()
    _ = try stream.feed(Array("id: 4\nretry: 500\ndata: x\n\ndata: half".utf8))
    var next = stream.continuation
    #expect(next.lastEventID == "4")
    #expect(next.reconnectionDelay == .milliseconds(500))
    #expect(try next.feed(Array("data: y\n\n".utf8)) == [ServerSentEvent(data: Array("y".utf8))])
    #expect(next.lastEventID == "4")
  }
}

@Suite struct `A subscription` {
  private func step(_ course: inout SubscriptionCourse, _ text: String) throws -> String {
    switch course.take(try RPCMessage(JSONView(Array(text.utf8)))) {
    case .nothing: "nothing"
    case .acknowledged: "acknowledged"
    case .notice(let method, _): method
    case .ended: "ended"
    case .refused: "refused"
    }
  }

  private func tagged(_ method: String, _ id: String) -> String {
    #"{"method":"\#(method)","params":{"_meta":"#
      + #"{"io.modelcontextprotocol/subscriptionId":\#(id)}}}"#
  }

  @Test func `hears only what is tagged with its id`() throws {
    var course = SubscriptionCourse(id: 7, isAlone: false)
    let changed = "notifications/tools/list_changed"
    #expect(
      try step(&course, tagged("notifications/subscriptions/acknowledged", "7"))
        == "acknowledged")
    #expect(try step(&course, tagged(changed, "8")) == "nothing")
    #expect(try step(&course, #"{"method":"\#(changed)"}"#) == "nothing")
    #expect(!course.broughtNews)
    #expect(try step(&course, tagged(changed, #""7""#)) == changed)
    #expect(course.broughtNews)
  }

  @Test func `on a stream of its own needs no tag, but minds another's`() throws {
    var course = SubscriptionCourse(id: 7, isAlone: true)
    let changed = "notifications/tools/list_changed"
    #expect(try step(&course, #"{"method":"\#(changed)"}"#) == changed)
    #expect(try step(&course, tagged(changed, "8")) == "nothing")
  }

  @Test(arguments: [
    (#"{"id":7,"result":{"resultType":"complete"}}"#, "ended"),
    (#"{"id":8,"result":{}}"#, "nothing"),
    (#"{"method":"notifications/cancelled","params":{"requestId":7}}"#, "ended"),
    (#"{"method":"notifications/cancelled","params":{"requestId":8}}"#, "nothing"),
    (#"{"id":7,"error":{"code":-32601,"message":""}}"#, "refused"),
    (#"{"id":null,"error":{"code":-32601,"message":""}}"#, "refused"),
    (#"{"id":1,"method":"ping"}"#, "nothing"),
  ])
  func `ends by a result or a cancellation, and is refused by an error`(
    text: String, expected: String
  ) throws {
    var course = SubscriptionCourse(id: 7, isAlone: true)
    #expect(try step(&course, text) == expected)
  }
}

@Suite struct `A server's capabilities` {
  private func capabilities(_ text: String) throws -> ServerCapabilities {
    ServerCapabilities(try JSONView(Array(#"{"capabilities":\#(text)}"#.utf8)))
  }

  @Test func `say what may be listened for, and nothing more is asked`() throws {
    let some = try capabilities(
      #"{"tools":{"listChanged":true},"prompts":{"listChanged":false},"resources":{}}"#)
    #expect(some.listenParams?.text == #"{"notifications":{"toolsListChanged":true}}"#)
    let all = try capabilities(
      #"{"tools":{"listChanged":true},"prompts":{"listChanged":true},"resources":{"listChanged":true}}"#
    )
    #expect(
      all.listenParams?.text
        == #"{"notifications":{"toolsListChanged":true,"promptsListChanged":true,"#
        + #""resourcesListChanged":true}}"#)
    #expect(try capabilities("{}").listenParams == nil)
  }

  @Test func `tell of logging and of tasks for tool calls`() throws {
    let some = try capabilities(#"{"logging":{},"tasks":{"requests":{"tools":{"call":{}}}}}"#)
    #expect(some.logs)
    #expect(some.runsTasks)
    #expect(try !capabilities(#"{"tasks":{"list":{}}}"#).runsTasks)
  }

  @Test(arguments: [
    #"{"serverInfo":{"name":"n","version":"2"}}"#,
    #"{"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"n","version":"2"}}}"#,
  ])
  func `come with a name and a version, in the body or in the metadata`(text: String) throws {
    let introduction = ServerIntroduction(try JSONView(Array(text.utf8)))
    #expect(introduction.name == "n")
    #expect(introduction.version == "2")
  }
}

@Suite struct `Pages of a list` {
  @Test func `become one, with the shortest life and no cursor`() {
    var pages = PageMerge(key: "prompts")
    #expect(pages.append(json(#"{"prompts":[{"n":1.0}],"ttlMs":9,"nextCursor":""}"#)) == "")
    #expect(pages.append(json(#"{"prompts":[{"n":2}],"ttlMs":5,"x":1}"#)) == nil)
    #expect(pages.result.text == #"{"prompts":[{"n":1.0},{"n":2}],"ttlMs":5}"#)
  }

  @Test func `that is alone is passed on as it came`() {
    var pages = PageMerge(key: "resources")
    _ = pages.append(json(#"{ "resources":[ ] }"#))
    #expect(pages.result.text == #"{ "resources":[ ] }"#)
  }

  @Test(arguments: [
    ("tools/list", "tools"), ("resources/list", "resources"), ("prompts/list", "prompts"),
    ("resources/templates/list", "resourceTemplates"), ("tools/call", nil),
  ])
  func `are told by their method`(method: String, key: String?) {
    #expect(PageMerge.key(of: method) == key)
  }
}

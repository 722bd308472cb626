import FleetModel
import Testing

@testable import Wire

func json(_ text: String) -> JSONText { JSONText(unchecked: Array(text.utf8)) }

/// A conversation about `tools/call` of `t`, and what its turns say.
private struct Talk {
  var conversation: Conversation

  init(
    _ method: String = "tools/call", params: String = #"{"name":"t","arguments":{"b":1.0,"a":2}}"#,
    era: Dialect.Era = .modern, answer: SessionPolicy.InputAnswer = .decline,
    offersTasks: Bool = false, needsTask: Bool = false
  ) {
    let call = Call(
      id: CallID(high: 0, low: 1), server: ServerID("s"), method: method, target: "t",
      params: json(params), origin: .cli)
    let dialect: Dialect =
      era == .modern
      ? .modern(version: "2026-07-28", client: ClientIdentity(name: "m", version: "1"))
      : .handshake(version: "2025-11-25")
    conversation = Conversation(
      call, dialect: dialect, answer: answer, offersTasks: offersTasks, needsTask: needsTask)
  }

  mutating func take(_ result: String) -> Conversation.Turn {
    conversation.take(.success(json(result)))
  }

  /// The request that a result leads to; nil when it ends the conversation.
  mutating func next(_ result: String) -> Conversation.Request? {
    if case .send(let request, _) = take(result).step { request } else { nil }
  }

  /// The reply that a result ends the conversation with.
  mutating func end(_ reply: Reply) -> Reply? {
    if case .finish(let reply) = conversation.take(reply).step { reply } else { nil }
  }

  mutating func end(_ result: String) -> Reply? { end(.success(json(result))) }
}

private func failure(_ reply: Reply?) -> Failure? {
  if case .failure(let failure) = reply { failure } else { nil }
}

private func ask(_ key: String, _ params: String = #"{"message":"Sure?"}"#) -> String {
  #""\#(key)":{"method":"elicitation/create","params":\#(params)}"#
}

@Suite struct `A conversation` {
  @Test(arguments: [
    "{}", #"{"resultType":"complete","content":[]}"#, #"{"content":[{"type":"text","text":"x"}]}"#,
  ])
  func `that is one question and its answer ends with the reply as it came`(result: String) {
    var talk = Talk()
    #expect(talk.conversation.opening.params.text == #"{"name":"t","arguments":{"b":1.0,"a":2}}"#)
    #expect(talk.end(result) == .success(json(result)))
    #expect(talk.conversation.isPlain)
    #expect(talk.conversation.abandonment == nil)
  }

  @Test func `in the handshake era knows no result types`() {
    var talk = Talk(era: .handshake)
    let result = #"{"resultType":"input_required","requestState":"s"}"#
    #expect(talk.end(result) == .success(json(result)))
  }

  @Test func `declines a question by asking again with the same params and the very same state`() {
    var talk = Talk()
    let turn = talk.take(
      #"{"resultType":"input_required","inputRequests":{\#(ask("q"))},"requestState":"a\u00e9\/"}"#)
    guard case .send(let request, let delay) = turn.step else {
      Issue.record("it ended")
      return
    }
    #expect(
      request.params.text
        == #"{"name":"t","arguments":{"b":1.0,"a":2},"inputResponses":{"q":{"action":"decline"}},"#
        + #""requestState":"a\u00e9\/"}"#)
    #expect(request.method == "tools/call")
    #expect(request.target == "t")
    #expect(delay == .zero)
    #expect(turn.notes == ["asked for input: Sure?; answered with decline"])
    #expect(talk.end("{}") == .success(json("{}")))
    #expect(!talk.conversation.isPlain, "such a result must not be kept")
  }

  @Test func `gives back no state where none was given, nor that of an earlier round`() {
    var talk = Talk()
    _ = talk.next(#"{"resultType":"input_required","requestState":"one"}"#)
    let request = talk.next(#"{"resultType":"input_required","inputRequests":{\#(ask("q"))}}"#)
    #expect(request?.params.text.contains("requestState") == false)
  }

  @Test func `that only gets a state back waits longer each time, up to a quarter second`() {
    var talk = Talk()
    let delays = (0..<5).map { _ -> Duration? in
      let turn = talk.take(#"{"resultType":"input_required","requestState":"s"}"#)
      if case .send(_, let delay) = turn.step { return delay } else { return nil }
    }
    #expect(delays.map { $0?.nanoseconds } == [50, 100, 200, 250, 250].map { $0 * 1_000_000 })
  }

  @Test func `ends after ten rounds of questions`() {
    var talk = Talk()
    let question = #"{"resultType":"input_required","inputRequests":{\#(ask("q"))}}"#
    for _ in 0..<Conversation.roundLimit { #expect(talk.next(question) != nil) }
    #expect(failure(talk.end(question))?.kind == .malformedAnswer)
  }

  @Test(arguments: ["sampling/createMessage", "roots/list", "x"])
  func `ends when it is asked for what was not offered`(method: String) {
    var talk = Talk()
    let reply = talk.end(
      #"{"resultType":"input_required","inputRequests":{"q":{"method":"\#(method)"}}}"#)
    #expect(failure(reply)?.message.contains(method) == true)
    #expect(failure(reply)?.delivery == .unknown)
  }

  @Test(arguments: [
    "", #","inputRequests":{}"#, #","requestState":7"#, #","requestState":null"#,
  ])
  func `ends when input is required and nothing asked`(members: String) {
    var talk = Talk()
    #expect(
      failure(talk.end(#"{"resultType":"input_required"\#(members)}"#))?.kind == .malformedAnswer)
  }

  @Test func `ends when more is asked at once than anyone can answer`() {
    var talk = Talk()
    let questions = (0...Conversation.questionLimit).map { ask("q\($0)") }.joined(separator: ",")
    let reply = talk.end(#"{"resultType":"input_required","inputRequests":{\#(questions)}}"#)
    #expect(failure(reply)?.message.contains("100 questions") == true)
  }

  @Test func `of a method that asks nobody has no questions`() {
    var talk = Talk("tools/list", params: "{}")
    #expect(
      failure(talk.end(#"{"resultType":"input_required","requestState":"s"}"#))?.kind
        == .malformedAnswer)
  }

  @Test(arguments: [Delivery.notSent, .refused])
  func `may have run in part once it was asked something`(delivery: Delivery) {
    var talk = Talk()
    let lost = Failure(.connectionRefused, "refused", delivery: delivery)
    #expect(failure(talk.end(.failure(lost))) == lost)
    _ = talk.next(#"{"resultType":"input_required","requestState":"s"}"#)
    #expect(failure(talk.end(.failure(lost)))?.delivery == .unknown)
  }
}

@Suite struct `A task` {
  private func state(_ status: String, _ more: String = "") -> String {
    #"{"resultType":"complete","taskId":"T","status":"\#(status)"\#(more)}"#
  }

  private let created =
    #"{"resultType":"task","taskId":"T","status":"working","pollIntervalMs":500}"#

  @Test func `is asked after until it is done, and its result is the reply`() {
    var talk = Talk()
    let turn = talk.take(created)
    guard case .send(let request, let delay) = turn.step else {
      Issue.record("it ended")
      return
    }
    #expect(
      request
        == Conversation.Request(
          method: "tasks/get", target: "T", params: json(#"{"taskId":"T"}"#)))
    #expect(delay == .milliseconds(500))
    #expect(talk.next(state("working"))?.method == "tasks/get")
    #expect(
      talk.end(state("completed", #","result":{"content":[],"isError":true}"#))
        == .toolError(json(#"{"content":[],"isError":true}"#)))
    #expect(talk.conversation.abandonment == nil)
    #expect(!talk.conversation.isPlain)
  }

  @Test(arguments: [
    (0, 100), (99, 100), (500, 500), (30_000, 30_000), (86_400_000_000_000, 30_000), (-5, 100),
  ])
  func `is polled no faster and no slower than the limits`(asked: Int, waited: Int) {
    var talk = Talk()
    let turn = talk.take(
      #"{"resultType":"task","taskId":"T","status":"working","pollIntervalMs":\#(asked)}"#)
    guard case .send(_, let delay) = turn.step else {
      Issue.record("it ended")
      return
    }
    #expect(delay == .milliseconds(waited))
  }

  @Test func `tells each change of its state, and nothing else, as a move`() {
    var talk = Talk()
    #expect(talk.take(created).move?.count == 1)
    #expect(talk.take(state("working")).move == nil)
    #expect(
      talk.take(state("working", #","statusMessage":"half\u001b[2J""#)).move?.message
        == "half\u{FFFD}[2J")
    #expect(talk.take(state("working", #","statusMessage":"half\u001b[2J""#)).move == nil)
    #expect(talk.take(state("working", #","lastUpdatedAt":"x""#)).move?.count == 3)
  }

  @Test func `that failed gives its error, and a cancelled one says so`() {
    var failed = Talk()
    _ = failed.take(created)
    #expect(
      failed.end(state("failed", #","error":{"code":-32603,"message":"boom"}"#))
        == .protocolError(RPCError(code: -32603, message: "boom")))
    var cancelled = Talk()
    _ = cancelled.take(created)
    guard case .protocolError(let error) = cancelled.end(state("cancelled")) else {
      Issue.record("no error")
      return
    }
    #expect(error.code == -32800)
    #expect(cancelled.conversation.abandonment == nil)
  }

  @Test func `that needs input is told it once, through tasks/update`() {
    var talk = Talk(answer: .cancel)
    _ = talk.take(created)
    let question = state("input_required", #","inputRequests":{\#(ask("q"))}"#)
    let update = talk.next(question)
    #expect(update?.method == "tasks/update")
    #expect(
      update?.params.text == #"{"taskId":"T","inputResponses":{"q":{"action":"cancel"}}}"#)
    #expect(talk.next("{}")?.method == "tasks/get")
    #expect(talk.next(question)?.method == "tasks/get", "answered already")
    let more = state("input_required", #","inputRequests":{\#(ask("q")),\#(ask("r"))}"#)
    #expect(talk.next(more)?.params.text.contains(#""inputResponses":{"r":"#) == true)
  }

  @Test func `outlives lost connections for a while, and is never begun again`() {
    var talk = Talk()
    _ = talk.take(created)
    let lost = Failure(.connectionRefused, "refused", delivery: .notSent)
    for _ in 0..<Conversation.missLimit {
      let turn = talk.conversation.take(.failure(lost))
      guard case .send(let request, let delay) = turn.step else {
        Issue.record("it ended")
        return
      }
      #expect(request.method == "tasks/get")
      #expect(delay >= .seconds(1))
    }
    #expect(failure(talk.end(.failure(lost)))?.delivery == .unknown)
    #expect(talk.conversation.abandonment?.method == "tasks/cancel")
  }

  @Test(arguments: [Failure.Kind.cancelled, .processExited, .sessionLost, .shuttingDown])
  func `is given up when its server or its caller is gone`(kind: Failure.Kind) {
    var talk = Talk()
    _ = talk.take(created)
    let reply = talk.end(.failure(Failure(kind, "gone", delivery: .notSent)))
    #expect(failure(reply)?.delivery == .unknown)
    #expect(talk.conversation.abandonment?.params.text == #"{"taskId":"T"}"#)
  }

  @Test func `that the server has forgotten may have run`() {
    var talk = Talk()
    _ = talk.take(created)
    let reply = talk.end(.protocolError(RPCError(code: -32602, message: "no such task")))
    #expect(failure(reply)?.kind == .malformedAnswer)
    #expect(failure(reply)?.delivery == .unknown)
  }

  @Test func `in no known state, or without an id, is malformed`() {
    var talk = Talk()
    _ = talk.take(created)
    #expect(failure(talk.end(state("sleeping")))?.kind == .malformedAnswer)
    var nameless = Talk()
    #expect(
      failure(nameless.end(#"{"resultType":"task","status":"working"}"#))?.kind
        == .malformedAnswer)
  }
}

@Suite struct `A task of 2025-11-25` {
  private func talk(needsTask: Bool = true) -> Talk {
    Talk(params: #"{"name":"t"}"#, era: .handshake, offersTasks: true, needsTask: needsTask)
  }

  private let created = #"{"task":{"taskId":"T","status":"working","pollInterval":200}}"#

  @Test func `is asked for where the tool needs it, and its result is fetched`() {
    var talk = talk()
    #expect(talk.conversation.opening.params.text == #"{"name":"t","task":{}}"#)
    guard case .send(let request, let delay) = talk.take(created).step else {
      Issue.record("it ended")
      return
    }
    #expect(request.method == "tasks/get")
    #expect(delay == .milliseconds(200))
    #expect(talk.next(#"{"taskId":"T","status":"completed"}"#)?.method == "tasks/result")
    #expect(talk.end(#"{"content":[]}"#) == .success(json(#"{"content":[]}"#)))
  }

  @Test func `is asked for after a plain call was refused as unknown, once`() {
    var talk = talk(needsTask: false)
    let refusal = Reply.protocolError(RPCError(code: -32601, message: "as a task only"))
    #expect(talk.conversation.opening.params.text == #"{"name":"t"}"#)
    guard case .send(let request, _) = talk.conversation.take(refusal).step else {
      Issue.record("it ended")
      return
    }
    #expect(request.params.text == #"{"name":"t","task":{}}"#)
    #expect(talk.end(refusal) == refusal)
  }

  @Test func `is never asked for where the server does not offer it`() {
    var talk = Talk(params: "{}", era: .handshake, offersTasks: false, needsTask: true)
    #expect(talk.conversation.opening.params.text == "{}")
    let refusal = Reply.protocolError(RPCError(code: -32601, message: "no"))
    #expect(talk.end(refusal) == refusal)
  }

  @Test func `that needs input waits for its result, beside which the questions come`() {
    var talk = talk()
    _ = talk.take(created)
    #expect(talk.next(#"{"taskId":"T","status":"input_required"}"#)?.method == "tasks/result")
  }

  @Test func `whose result got lost on the way is asked after again`() {
    var talk = talk()
    _ = talk.take(created)
    _ = talk.take(#"{"taskId":"T","status":"completed"}"#)
    let lost = Reply.failure(Failure(.connectionReset, "reset", delivery: .unknown))
    guard case .send(let request, _) = talk.conversation.take(lost).step else {
      Issue.record("it ended")
      return
    }
    #expect(request.method == "tasks/get")
  }
}

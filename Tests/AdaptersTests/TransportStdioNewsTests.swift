import Engine
import FleetModel
import Testing

@testable import Adapters

@Suite(.timeLimit(.minutes(5))) struct `A child process tells` {
  private static let announcing = """
    *server/discover*) answer $id '{"supportedVersions":["2026-07-28"],\
    "capabilities":{"tools":{"listChanged":true}}}' ;;
    """
  private static let tag = #""_meta":{"io.modelcontextprotocol/subscriptionId":%s}"#

  private func tagged(_ method: String, _ id: String = "$listen") -> String {
    #"printf '{"method":"notifications/\#(method)","params":{\#(Self.tag)}}\n' \#(id)"#
  }

  @Test func `of changes in the modern era where it was asked to, under the request's id`()
    async throws
  {
    let cases = """
      \(Self.announcing)
      *subscriptions/listen*) listen=$id; \(tagged("subscriptions/acknowledged"))
      \(tagged("tools/list_changed", "99"))
      echo '{"method":"notifications/prompts/list_changed"}'
      \(tagged("tools/list_changed")) ;;
      *tools/call*) answer $id "{\\"asked\\":\\"$listen\\"}" ;;
      """
    try await TransportFixture.withoutServer { fixture in
      try await fixture.open(fixture.server(shell(cases)))
      await fixture.until { !fixture.events.all.isEmpty }
      #expect(fixture.events.all == [.toolsChanged(ServerID("s"))])
      let asked = await fixture.call().result ?? ""
      #expect(asked.contains { $0.isNumber })
    }
  }

  @Test(arguments: ["result", "cancelled"])
  func `that a subscription is over, and is asked for another`(ending: String) async throws {
    let end =
      ending == "result"
      ? "answer $listen '{\"resultType\":\"complete\"}'"
      : #"printf '{"method":"notifications/cancelled","params":{"requestId":%s}}\n' $listen"#
    let cases = """
      \(Self.announcing)
      *subscriptions/listen*) listen=$id; \(tagged("subscriptions/acknowledged"))
      if [ -z "$again" ]; then again=1; \(end); fi ;;
      """
    try await TransportFixture.withoutServer { fixture in
      try await fixture.open(fixture.server(shell(cases)))
      // Nothing of the time between is told again.
      await fixture.until { !fixture.events.all.isEmpty }
      #expect(fixture.events.all == [.toolsChanged(ServerID("s"))])
    }
  }

  @Test func `that it knows no subscriptions, and is left alone`() async throws {
    let cases = """
      \(Self.announcing)
      *subscriptions/listen*) listens=x$listens; refuse $id -32601 ;;
      *tools/call*) answer $id "{\\"n\\":\\"$listens\\"}" ;;
      """
    try await TransportFixture.withoutServer { fixture in
      try await fixture.open(fixture.server(shell(cases)))
      for number in UInt64(1)...3 { _ = await fixture.call(number) }
      #expect(await fixture.call(4).result == #"{"n":"x"}"#)
      #expect(fixture.events.all.isEmpty)
    }
  }

  @Test func `through one of several only, and through the next when that has ended`() async throws
  {
    let cases = """
      \(Self.announcing)
      *subscriptions/listen*) listen=$id; \(tagged("subscriptions/acknowledged"))
      \(tagged("tools/list_changed")) ;;
      *notifications/cancelled*) ;;
      """
    try await TransportFixture.withoutServer { fixture in
      let server = fixture.server(shell(cases))
      try await fixture.open(server)
      await fixture.until { fixture.events.all.count == 1 }
      _ = try await fixture.transport.open(ConnectionID(number: 2), to: server, knownEra: nil)
      try await fixture.transport.validate(ConnectionID(number: 2))
      #expect(fixture.events.all.count == 1)
      await fixture.transport.close(TransportFixture.connection)
      await fixture.until { fixture.events.all.count == 2 }
    }
  }

  @Test func `how far a call is, and what it logs`() async throws {
    let cases = """
      *initialized*) ;;
      *initialize*) answer $id '{"protocolVersion":"2025-11-25","capabilities":{"logging":{}}}' ;;
      *logging/setLevel*) level=$line; answer $id '{}' ;;
      *tools/call*) token=${line#*\\"progressToken\\":}; token=${token%%,*}; token=${token%%\\}*}
      for n in 1 2 2; do
      printf '{"method":"notifications/progress","params":{"progressToken":%s,"progress":%s}}\\n' \
      $token $n; done
      echo '{"method":"notifications/message","params":{"level":"warning","data":"low"}}'
      case "$level" in *'"level":"notice"'*) answer $id '{"asked":true}' ;; esac ;;
      """
    try await TransportFixture.withoutServer { fixture in
      var server = fixture.server(shell(cases))
      server.policies.session.logLevel = .notice
      try await fixture.open(server, knownEra: TransportFixture.handshake)
      #expect(await fixture.call(5).result == #"{"asked":true}"#)
      let attempt = AttemptID(number: 5)
      #expect(
        fixture.events.all == [
          .progress(attempt, CallProgress(progress: 1)),
          .progress(attempt, CallProgress(progress: 2)), .note(server.id, .warning, "low"),
        ])
    }
  }

  @Test func `that it needs input, and goes on with the answer`() async throws {
    let cases = """
      *tools/call*) echo '{"id":"e","method":"elicitation/create","params":{"message":"Name?",\
      "requestedSchema":{"properties":{"n":{"default":7}}}}}'; read -r said
      case "$said" in *'"id":"e","result":{"action":"accept","content":{"n":7}}'*)
      answer $id '{"ok":1}' ;; esac ;;
      """
    try await TransportFixture.withoutServer { fixture in
      var server = fixture.server(shell(cases))
      server.policies.session.inputAnswer = .defaults
      try await fixture.open(server, knownEra: TransportFixture.handshake)
      #expect(await fixture.call().result == #"{"ok":1}"#)
    }
  }

  @Test func `that a call became a task, which is followed and then cancelled`() async throws {
    let cases = """
      *tools/call*) answer $id \
      '{"resultType":"task","taskId":"T","status":"working","pollIntervalMs":100}' ;;
      *tasks/get*) answer $id '{"taskId":"T","status":"working","statusMessage":"on it"}' ;;
      *tasks/cancel*) echo 'not json: cancelled'; answer $id '{}' ;;
      """
    try await TransportFixture.withoutServer { fixture in
      try await fixture.open(fixture.server(shell(cases)))
      let call = Task { await fixture.call() }
      await fixture.until { fixture.events.all.count == 2 }
      call.cancel()
      #expect(await call.value.failure?.kind == .cancelled)
      await fixture.until { fixture.notes().count == 1 }
    }
  }
}

import Engine
import FleetModel
import Testing

@testable import Adapters

@Suite(.timeLimit(.minutes(5))) struct `A child process` {
  @Test func `answers many requests in any order`() async throws {
    // Every odd request waits for the next one.
    let cases = """
      *tools/call*) if [ "$held" ]; then answer $id '{"n":2}'; answer $held '{"n":1}'; held=;
      else held=$id; fi ;;
      """
    try await TransportFixture.withoutServer { fixture in
      try await fixture.open(fixture.server(shell(cases)))
      let results = await withTaskGroup(of: String?.self) { group in
        for number in 1...100 { group.addTask { await fixture.call(UInt64(number)).result } }
        var results: [String?] = []
        for await result in group { results.append(result) }
        return results
      }
      #expect(results.count { $0 == #"{"n":1}"# } == 50)
      #expect(results.count { $0 == #"{"n":2}"# } == 50)
    }
  }

  @Test func `that ends takes its calls along and leaves its last words`() async throws {
    let cases = "*tools/call*) echo first >&2; echo 'no space left' >&2; exit 3 ;;"
    try await TransportFixture.withoutServer { fixture in
      try await fixture.open(fixture.server(shell(cases)))
      let exchange = await fixture.call()
      #expect(exchange.failure?.kind == .processExited)
      #expect(exchange.failure?.message == "the process ended with status 3: no space left")
      #expect(exchange.failure?.delivery == .unknown)
      #expect(exchange.closesConnection)
      guard case .closed(_, TransportFixture.connection, let failure) = fixture.events.all.first
      else {
        Issue.record("the end was not told")
        return
      }
      #expect(failure.kind == .processExited)
      #expect(await fixture.call(2).failure?.delivery == .notSent)
    }
  }

  @Test func `may print garbage, which is told once`() async throws {
    let cases = "*tools/call*) echo hello; echo '{}'; echo; answer $id '{}' ;;"
    try await TransportFixture.withoutServer { fixture in
      try await fixture.open(fixture.server(shell(cases, before: "echo Welcome")))
      for number in 1...3 { #expect(await fixture.call(UInt64(number)).result == "{}") }
      #expect(fixture.notes().count == 1)
    }
  }

  @Test func `with an answer that never ends fails that call at the limit`() async throws {
    let cases = """
      *\\"id\\":1,*) printf '{"id":1,"result":{"a":"'; tr '\\0' x </dev/zero ;;
      """
    try await TransportFixture.withoutServer { fixture in
      try await fixture.open(fixture.server(shell(cases)))
      let failure = await fixture.call(1).failure
      #expect(failure?.kind == .answerTooLarge)
      #expect(failure?.delivery == .executed)
    }
  }

  @Test func `with an answer above the limit fails that call alone`() async throws {
    let cases = """
      *\\"id\\":1,*) printf '{"id":1,"result":{"a":"'; head -c \(ChildProcess.lineLimit) /dev/zero \
      | tr '\\0' x; echo '"}}' ;;
      """
    try await TransportFixture.withoutServer { fixture in
      try await fixture.open(fixture.server(shell(cases)))
      #expect(await fixture.call(1).failure?.kind == .answerTooLarge)
      #expect(await fixture.call(2).result == "{}")
    }
  }

  @Test func `gets large requests whole`() async throws {
    let filler = String(repeating: "x", count: 1 << 20)
    try await TransportFixture.withoutServer { fixture in
      try await fixture.open(
        fixture.server(shell("*tools/call*) answer $id \"{\\\"n\\\":${#line}}\" ;;")))
      let result = await fixture.call(arguments: #"{"a":"\#(filler)"}"#).result
      let count = result.flatMap { Int($0.filter(\.isNumber)) } ?? 0
      #expect(count > 1 << 20)
    }
  }

  @Test func `that does not read is not fed without end`() async throws {
    try await TransportFixture.withoutServer { fixture in
      try await fixture.open(fixture.server(shell("*tools/call*) while :; do sleep 1; done ;;")))
      let filler = String(repeating: "x", count: 3 << 20)
      let calls = (1...4).map { number in
        Task { await fixture.call(UInt64(number), arguments: #"{"a":"\#(filler)"}"#) }
      }
      let failures = await withTaskGroup(of: Failure?.self) { group in
        for call in calls { group.addTask { await call.value.failure } }
        let first = await group.next() ?? nil
        calls.forEach { $0.cancel() }
        return first
      }
      #expect(failures?.kind == .poolExhausted)
      #expect(failures?.delivery == .notSent)
    }
  }

  @Test func `is told when a call is given up`() async throws {
    let cases = """
      *tools/call*) echo got it ;;
      *notifications/cancelled*) cancelled=${line#*requestId\\":} ;;
      *tools/list*) answer $id "{\\"tools\\":[{\\"name\\":\\"${cancelled}\\"}]}" ;;
      """
    try await TransportFixture.withoutServer { fixture in
      try await fixture.open(fixture.server(shell(cases)))
      let call = Task { await fixture.call(7) }
      // The cancellation may come before the request does; then nothing is said.
      await fixture.until { fixture.notes().count == 1 }
      call.cancel()
      #expect(await call.value.failure?.kind == .cancelled)
      let tools = try await fixture.transport.listTools(on: TransportFixture.connection).tools
      #expect(tools.first?.name.hasPrefix("7}") == true)
    }
  }

  @Test func `is asked discover or ping for a sign of life`() async throws {
    try await TransportFixture.withoutServer { fixture in
      let server = fixture.server(shell("*ping*) answer $id '{}' ;;"))
      try await fixture.open(server, knownEra: TransportFixture.handshake)
      try await fixture.transport.check(
        server, knownEra: nil, connection: TransportFixture.connection)
    }
  }

  @Test func `is asked through its own pipes whether it still works`() async throws {
    let cases = "*ping*) answer $id '{}' ;; *tools/call*) echo 'no space left' >&2; exit 3 ;;"
    try await TransportFixture.withoutServer { fixture in
      let server = fixture.server(shell(cases))
      try await fixture.open(server, knownEra: TransportFixture.handshake)
      try await fixture.transport.validate(TransportFixture.connection)
      _ = await fixture.call()
      let failure = await #expect(throws: Failure.self) {
        try await fixture.transport.validate(TransportFixture.connection)
      }
      #expect(failure?.message == "the process ended with status 3: no space left")
    }
  }

  @Test func `tells of changed tools, and is answered its own ping`() async throws {
    let cases = """
      *tools/call*) echo '{"method":"notifications/tools/list_changed"}'
      echo '{"method":"notifications/resources/list_changed"}'
      echo '{"id":"p","method":"ping"}'; read -r pong
      case "$pong" in *'"id":"p","result":{}'*) answer $id '{"pong":true}' ;; esac ;;
      """
    try await TransportFixture.withoutServer { fixture in
      try await fixture.open(fixture.server(shell(cases)), knownEra: TransportFixture.handshake)
      #expect(await fixture.call().result == #"{"pong":true}"#)
      let server = ServerID("s")
      #expect(
        fixture.events.all == [.toolsChanged(server), .readsChanged(server, "resources/")])
    }
  }
}

import Engine
import FleetModel
import Glibc
import Testing

@testable import Adapters

/// A shell script as an MCP server: `$line` is the request, `$id` its id.
private func shell(_ cases: String, before: String = "", directory: String? = nil) -> Endpoint {
  let script = """
    answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\\n' "$1" "$2"; }
    refuse() { printf '{"jsonrpc":"2.0","id":%s,"error":{"code":%s,"message":"no"}}\\n' "$1" "$2"; }
    modern() { answer "$1" '{"supportedVersions":["2026-07-28"]}'; }
    greet() { answer "$1" '{"protocolVersion":"2025-11-25","serverInfo":{"name":"sh"}}'; }
    \(before)
    while read -r line; do
      id=${line#*\\"id\\":}; id=${id%%,*}
      case "$line" in
        \(cases)
        *server/discover*) modern $id ;;
        *initialized*) ;;
        *initialize*) greet $id ;;
        *) answer $id '{}' ;;
      esac
    done
    """
  return .stdio(
    command: "sh", arguments: ["-c", script],
    environment: [EnvironmentVariable(name: "MCPDASH_TEST", value: "set")],
    workingDirectory: directory)
}

extension TransportFixture {
  fileprivate func notes() -> Int {
    events.all.count { if case .note = $0 { true } else { false } }
  }
}

@Suite(.timeLimit(.minutes(5))) struct `A child's era` {
  @Test func `is modern when it answers discover`() async throws {
    try await TransportFixture.withoutServer { fixture in
      let info = try await fixture.open(fixture.server(shell("")))
      #expect(info.era == .modern)
      #expect(await fixture.call().result == "{}")
    }
  }

  @Test func `is handshake when it knows no discover`() async throws {
    try await TransportFixture.withoutServer { fixture in
      let info = try await fixture.open(
        fixture.server(shell("*server/discover*) refuse $id -32601 ;;")))
      #expect(info.era == .handshake)
      #expect(info.serverName == "sh")
      #expect(await fixture.call().result == "{}")
    }
  }

  @Test func `is handshake when it dies of discover: a fresh one is greeted first`() async throws {
    try await TransportFixture.withoutServer { fixture in
      let info = try await fixture.open(fixture.server(shell("*server/discover*) exit 1 ;;")))
      #expect(info.era == .handshake)
      #expect(await fixture.call().result == "{}")
    }
  }

  @Test func `is handshake when discover spoils it for initialize`() async throws {
    try await TransportFixture.withoutServer { fixture in
      let info = try await fixture.open(
        fixture.server(
          shell(
            """
            *server/discover*) spoiled=1; refuse $id -32600 ;;
            *initialize*) if [ "$spoiled" ]; then refuse $id -32600; else greet $id; fi ;;
            """)))
      #expect(info.era == .handshake)
    }
  }

  @Test func `is modern when its refusal of initialize says so`() async throws {
    try await TransportFixture.withoutServer { fixture in
      let refusal =
        #"'{"id":%s,"error":{"code":-32022,"message":"","data":{"supported":["2026-07-28"]}}}\n'"#
      let info = try await fixture.open(
        fixture.server(shell("*initialize*) printf \(refusal) $id ;;")),
        knownEra: TransportFixture.handshake)
      #expect(info.era == .modern)
    }
  }
}

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
      #expect(fixture.notes() == 1)
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
      await fixture.until { fixture.notes() == 1 }
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

@Suite(.timeLimit(.minutes(5))) struct `A child process is started` {
  @Test func `with little of our environment, in its directory, with no other descriptor`()
    async throws
  {
    setenv("MCPDASH_SECRET_OF_OURS", "x", 1)
    let cases = """
      *tools/call*) answer $id "{\\"e\\":\\"${MCPDASH_TEST}${MCPDASH_SECRET_OF_OURS}\\",\
      \\"d\\":\\"$(pwd)\\",\\"f\\":\\"$leaked\\"}" ;;
      """
    let ours = fcntl(0, F_DUPFD, 200)
    defer { close(ours) }
    try await TransportFixture.withoutServer { fixture in
      try await fixture.open(
        fixture.server(
          shell(
            cases, before: "[ -e /proc/$$/fd/\(ours) ] && leaked=yes", directory: "/usr/bin")))
      let result = await fixture.call().result
      #expect(result == #"{"e":"set","d":"/usr/bin","f":""}"#)
    }
  }

  @Test(arguments: ["no-such-command-anywhere", "/no/such/file", "/etc/passwd", ""])
  func `or fails by its name`(command: String) async throws {
    try await TransportFixture.withoutServer { fixture in
      let failure = await #expect(throws: Failure.self) {
        try await fixture.open(
          fixture.server(
            .stdio(command: command, arguments: [], environment: [], workingDirectory: nil)))
      }
      #expect(failure?.kind == .spawnFailed)
      #expect(failure?.message.contains(command) == true)
    }
  }

  @Test func `and its failure to say anything is told with its last words`() async throws {
    try await TransportFixture.withoutServer { fixture in
      let failure = await #expect(throws: Failure.self) {
        try await fixture.open(
          fixture.server(shell("", before: "echo 'no config' >&2; exit 2")))
      }
      #expect(failure?.message == "the process ended with status 2: no config")
      #expect(failure?.delivery == .notSent)
    }
  }
}

@Suite(.timeLimit(.minutes(5))) struct `A child process is stopped` {
  /// The first line of `result`, which holds process ids.
  private func processes(_ result: String?) -> [pid_t] {
    (result ?? "").split { !$0.isNumber }.compactMap { pid_t($0) }
  }

  private func isGone(_ process: pid_t) -> Bool { kill(process, 0) != 0 && errno == ESRCH }

  @Test func `by the end of its input, without a word to the engine`() async throws {
    try await TransportFixture.withoutServer { fixture in
      try await fixture.open(
        fixture.server(shell("*tools/call*) answer $id \"{\\\"p\\\":$$}\" ;;")))
      let processes = processes(await fixture.call().result)
      #expect(processes.count == 1)
      await fixture.transport.close(TransportFixture.connection)
      #expect(processes.allSatisfy(isGone))
      #expect(fixture.events.all.isEmpty)
    }
  }

  @Test func `by force with all its descendants when it will not end`() async throws {
    let cases = "*tools/call*) answer $id \"{\\\"p\\\":\\\"$$ $child\\\"}\" ;;"
    let stubborn = "trap '' TERM HUP; sleep 1000 & child=$!"
    let script = shell(cases, before: stubborn)
    try await TransportFixture.withoutServer { fixture in
      guard case .stdio(_, let arguments, let environment, _) = script else { return }
      let endless = arguments[1] + "\nwhile :; do sleep 1; done"
      try await fixture.open(
        fixture.server(
          .stdio(
            command: "sh", arguments: ["-c", endless], environment: environment,
            workingDirectory: nil)))
      let processes = processes(await fixture.call().result)
      #expect(processes.count == 2)
      await fixture.transport.close(TransportFixture.connection)
      #expect(isGone(processes[0]))
      await fixture.until { isGone(processes[1]) || isZombie(processes[1]) }
    }
  }

  @Test func `with what it left running when it ends by itself`() async throws {
    let cases = """
      *tools/list*) exit 0 ;;
      *tools/call*) answer $id "{\\"p\\":\\"$$ $child\\"}" ;;
      """
    try await TransportFixture.withoutServer { fixture in
      try await fixture.open(
        fixture.server(shell(cases, before: "sleep 1000 & child=$!")))
      let processes = processes(await fixture.call().result)
      #expect(processes.count == 2)
      await #expect(throws: Failure.self) {
        try await fixture.transport.listTools(on: TransportFixture.connection)
      }
      // A killed orphan is a zombie until its new parent looks after it.
      await fixture.until { processes.allSatisfy { isGone($0) || isZombie($0) } }
    }
  }

  private func isZombie(_ process: pid_t) -> Bool {
    guard let file = fopen("/proc/\(process)/stat", "r") else { return true }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = fread(&bytes, 1, bytes.count, file)
    return String(decoding: bytes[..<count], as: UTF8.self).contains(") Z ")
  }
}

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
      await fixture.until { fixture.notes() == 1 }
    }
  }
}

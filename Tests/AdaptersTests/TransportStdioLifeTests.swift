import Engine
import FleetModel
import Glibc
import Testing

@testable import Adapters

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

import FleetModel
import Wire

/// One run of a program that prints credentials.
actor TokenProgram {
  /// Of its standard output.
  static let outputLimit = 64 << 10
  /// Header fields of one object.
  static let headerLimit = 32

  private let command: TokenCommand
  private let loop: EventLoop
  private var output: [[UInt8]] = []
  private var size = 0
  private var end: Result<Void, Failure>?
  private var waiter: CheckedContinuation<Result<Void, Failure>, Never>?

  nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

  private init(_ command: TokenCommand, loop: EventLoop) {
    self.command = command
    self.loop = loop
  }

  /// The header fields that the program's output stands for.
  ///
  /// - Throws: `unauthorized` with the reason; nothing of the output is in it.
  static func headers(
    of command: TokenCommand, on loop: EventLoop
  ) async throws(Failure) -> [HeaderField] {
    try await TokenProgram(command, loop: loop).run()
  }

  private func run() async throws(Failure) -> [HeaderField] {
    let child: ChildProcess
    do throws(Failure) {
      child = try ChildProcess.start(
        ChildCommand(
          command: command.command, arguments: command.arguments, environment: command.environment,
          workingDirectory: nil), on: loop
      ) { event in self.assumeIsolated { $0.take(event) } }
    } catch {
      throw refusal(error.message)
    }
    let result = await loop.limited(to: command.timeout) { await self.ended() }
    await child.stop()
    try result.get()
    return try command.printsHeaders ? object() : bearer()
  }

  private func take(_ event: ChildProcess.Event) {
    switch event {
    case .line(let line):
      size += line.count + 1
      guard size <= Self.outputLimit else { return finish(.failure(tooLong)) }
      output.append(line)
    case .overlongLine: finish(.failure(tooLong))
    case .exited(let exit):
      let said = exit.lastErrorLine.map { ": \($0)" } ?? ""
      finish(
        exit.isSuccess ? .success(()) : .failure(refusal("the program \(exit.text)\(said)")))
    }
  }

  private func finish(_ result: Result<Void, Failure>) {
    guard end == nil else { return }
    end = result
    waiter?.resume(returning: result)
    waiter = nil
  }

  private func ended() async -> Result<Void, Failure> {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if let end { continuation.resume(returning: end) } else { waiter = continuation }
      }
    } onCancel: {
      loop.run { self.assumeIsolated { $0.finish(.failure($0.tooSlow)) } }
    }
  }

  // MARK: What it printed

  private func bearer() throws(Failure) -> [HeaderField] {
    let words = output.map { String(decoding: $0, as: UTF8.self) }
      .flatMap { $0.split(whereSeparator: \.isWhitespace) }
    guard words.count == 1, let token = words.first.map(String.init),
      HTTPToken.isCredential(token)
    else { throw refusal("it printed no token, which is one word") }
    return [HeaderField(name: "Authorization", value: "Bearer \(token)")]
  }

  private func object() throws(Failure) -> [HeaderField] {
    // Why it cannot be read is not told: the text is a secret.
    guard let view = try? JSONView(Array(output.joined(separator: [0x0A]))), view.kind == .object
    else { throw refusal("it printed no JSON object of headers") }
    var fields: [HeaderField] = []
    for (name, value) in view.members.prefix(Self.headerLimit) {
      guard !name.isEmpty, name.utf8.allSatisfy(HTTPToken.isByte), let text = value.string,
        text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 })
      else { throw refusal("it printed an object with something that is no header") }
      fields.append(HeaderField(name: name, value: text))
    }
    return fields
  }

  private var tooLong: Failure {
    refusal("it printed more than \(Self.outputLimit >> 10) KiB")
  }

  private var tooSlow: Failure {
    refusal("it took longer than \(command.timeout.components.seconds) s")
  }

  private func refusal(_ reason: String) -> Failure {
    Failure(
      .unauthorized, "the token's command \(command.command): \(reason)", delivery: .notSent)
  }
}

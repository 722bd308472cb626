import FleetModel
import Foundation
import Glibc
import Synchronization

@testable import Adapters

/// A real Redis server of the tests' own: on a free loopback port and a socket, with its own
/// directory. It ends with its last reference, and with this process at the latest.
final class RedisServer: Sendable {
  /// The one that all tests share which need no server of their own.
  static let shared = Task { try await RedisServer.start() }

  let port: Int
  let directory = TemporaryDirectory()
  private let settings: [String]
  private let password: String?
  private let running = Mutex<Running?>(nil)

  private struct Running {
    /// Ends when the server has ended.
    var shell: pid_t
    /// The server is killed when this is closed, be it by the end of this process.
    var leash: Int32
  }

  struct DidNotStart: Error, CustomStringConvertible {
    var description: String
  }

  private init(settings: [String], password: String?) {
    port = Self.freePort()
    self.settings = settings
    self.password = password
  }

  deinit { stop() }

  static func start(
    _ settings: String..., password: String? = nil
  ) async throws -> RedisServer {
    let server = RedisServer(settings: settings, password: password)
    try await server.start()
    return server
  }

  /// Again, after `kill`: with the same port and directory.
  func start() async throws {
    let program = "/usr/bin/redis-server"
    guard FileManager.default.isExecutableFile(atPath: program) else {
      throw DidNotStart(
        description: "\(program) is missing; run: apt-get install redis-server")
    }
    let begin = ContinuousClock.now
    repeat {
      stop()
      // What they say is of the last server.
      for file in ["pid", "log"] { unlink(directory.file(file)) }
      try spawn(words(program))
    } while try await !isReady(since: begin)
  }

  private func words(_ program: String) -> [String] {
    [
      "/bin/sh", "-c", #""$@" & echo $! >"$0"; read -r _; kill -9 $!; wait $!"#,
      directory.file("pid"), program, "--port", String(port), "--bind", "127.0.0.1",
      "--unixsocket", socket, "--dir", directory.path, "--save", "", "--databases", "4096",
      "--logfile", directory.file("log"),
    ] + settings + (password.map { ["--requirepass", $0] } ?? [])
  }

  var socket: String { directory.file("socket") }

  func address(database: Int = 0) -> RedisAddress {
    RedisAddress(
      .network("127.0.0.1", port: port), password: password.map { Secret($0) },
      database: database)
  }

  var pid: pid_t {
    let text = String(
      decoding: FileManager.default.contents(atPath: directory.file("pid")) ?? Data(), as: UTF8.self
    )
    return pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
  }

  /// Ends it without notice, and returns when it has ended.
  func kill() { stop() }

  func signal(_ signal: Int32) {
    let pid = pid
    if pid > 0 { Glibc.kill(pid, signal) }
  }

  private func stop() {
    guard let running = running.withLock({ $0.take() }) else { return }
    close(running.leash)
    waitpid(running.shell, nil, 0)
  }

  private func spawn(_ words: [String]) throws {
    let command = try ChildCommand(
      command: words[0], arguments: Array(words.dropFirst()), environment: [],
      workingDirectory: nil)
    let leash = try ChildPipe()
    let silence = open("/dev/null", O_RDWR | O_CLOEXEC)
    defer { close(silence) }
    let shell = try command.spawn(input: leash.readEnd, output: silence, errors: silence)
    let end = leash.takeWriteEnd()
    running.withLock { $0 = Running(shell: shell, leash: end) }
  }

  /// A command as any client would send it.
  @discardableResult
  func run(_ words: String..., database: Int = 0) throws -> RedisReply {
    try run(words, database: database)
  }

  func run(_ words: [String], database: Int = 0) throws -> RedisReply {
    var command = RedisCommand()
    for word in words { command.add(word) }
    return try RedisConnection(address(database: database)).run([command])[0]
  }

  /// - Returns: false when the port is taken just now: by a connection of another test, or by the
  ///   server that was killed, while the system takes it apart.
  private func isReady(since begin: ContinuousClock.Instant) async throws -> Bool {
    while true {
      do {
        _ = try RedisConnection(address())
        if pid > 0 { return true }
      } catch {
        let log = String(
          decoding: FileManager.default.contents(atPath: directory.file("log")) ?? Data(),
          as: UTF8.self)
        guard ContinuousClock.now - begin < .seconds(60) else {
          throw DidNotStart(description: "\(error): \(log)")
        }
        if log.contains("Failed listening") { return false }
      }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  private static let databases = Atomic<Int>(0)

  static func nextDatabase() -> Int {
    databases.wrappingAdd(1, ordering: .relaxed).newValue
  }

  /// A loopback port that was free a moment ago.
  static func freePort() -> Int {
    guard let (descriptor, port) = try? listener() else { return 1 }
    close(descriptor)
    return port
  }

  /// A socket that listens on a free loopback port.
  static func listener() throws -> (descriptor: Int32, port: Int) {
    let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(descriptor, address, length) == 0 && listen(descriptor, 1) == 0
          && getsockname(descriptor, address, &length) == 0
      }
    }
    guard isBound else { throw DidNotStart(description: "no free port") }
    return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
  }
}

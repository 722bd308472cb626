import Foundation
import Glibc

/// A real Redis on a loopback port of its own; it can be killed and started again on that port.
final class RedisServer {
  let port: Int
  private let place: Workplace
  private let isDurable: Bool
  private var process: ChildProcess

  var address: String { "127.0.0.1:\(port)" }

  /// - Parameter isDurable: every change is on its disk before it answers.
  init(in place: Workplace, isDurable: Bool = true) async throws {
    self.place = place
    self.isDurable = isDurable
    port = try Workplace.freePort()
    process = try Self.launch(port, isDurable, in: place)
    try await ready()
  }

  private static func launch(
    _ port: Int, _ isDurable: Bool, in place: Workplace
  ) throws -> ChildProcess {
    try place.start(
      "redis-\(port)", try Prerequisite.redis.found(),
      [
        "--bind", "127.0.0.1", "--port", String(port), "--dir", place.directory.path, "--save", "",
        "--appendonly", isDurable ? "yes" : "no", "--appendfsync", "always",
      ])
  }

  private func ready() async throws {
    try await eventually("Redis is ready: \(process.output)") {
      process.output.contains("Ready to accept connections")
    }
  }

  /// It answers nobody until it goes on.
  func pause() { process.send(SIGSTOP) }

  func goOn() { process.send(SIGCONT) }

  func kill() {
    process.send(SIGKILL)
    process.stop()
  }

  func restart() async throws {
    process = try Self.launch(port, isDurable, in: place)
    try await ready()
  }

  /// One plain command, as any client gives it; what it prints, without the last line's end.
  func command(_ words: String...) async throws -> String {
    let name = "redis-cli-\(UUID().uuidString.prefix(8))"
    let child = try place.start(
      name, try Prerequisite.redisClient.found(),
      ["-h", "127.0.0.1", "-p", String(port), "--raw"] + words)
    try await eventually("redis-cli \(words.joined(separator: " "))") { child.status != nil }
    return child.output.trimmingCharacters(in: .newlines)
  }
}

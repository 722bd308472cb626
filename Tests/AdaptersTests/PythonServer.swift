import FleetModel
import Foundation
import Synchronization

@testable import Adapters

/// A Python program of the end-to-end tests' fixtures that says `ready …` once it listens.
struct PythonServer: Sendable {
  let process: ChildProcess
  /// What stands behind `ready`.
  let announcement: String
  let lines: TransportFixture.Record<String>

  enum Interpreter {
    case system
    /// The virtual environment of that name, made by `make test-tools`.
    case environment(String)

    var path: String {
      switch self {
      case .system: "/usr/bin/python3"
      case .environment(let name):
        PythonServer.root.appending(path: ".venv/\(name)/bin/python").path
      }
    }
  }

  struct DidNotStart: Error {
    var words: [String]
  }

  static func start(
    _ script: String, _ arguments: [String], with interpreter: Interpreter = .system,
    on loop: EventLoop
  ) async throws -> PythonServer {
    let lines = TransportFixture.Record<String>()
    let hasEnded = Mutex(false)
    let file = root.appending(path: "Tests/EndToEndTests/Servers/\(script)").path
    let command = try ChildCommand(
      command: interpreter.path, arguments: [file] + arguments, environment: [],
      workingDirectory: nil)
    let process = try await loop.started(command) { event in
      switch event {
      case .line(let line): lines.add(String(decoding: line, as: UTF8.self))
      case .overlongLine: break
      case .exited(let exit):
        lines.add(exit.lastErrorLine ?? exit.text)
        hasEnded.withLock { $0 = true }
      }
    }
    while lines.all.isEmpty { await Task.yield() }
    guard let first = lines.all.first, first.hasPrefix("ready"), !hasEnded.withLock({ $0 }) else {
      throw DidNotStart(words: lines.all)
    }
    return PythonServer(
      process: process, announcement: String(first.dropFirst("ready".count + 1)), lines: lines)
  }

  /// A loopback port that was free a moment ago.
  static func freePort(on loop: EventLoop) async throws -> UInt16 {
    let server = HTTPServer(loop: loop) { _, responder in responder.hang() }
    let port = try server.listenTCP(port: 0).port
    await server.stop(grace: .zero)
    return port
  }

  func stop() async { await process.stop() }

  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
}

extension EventLoop {
  fileprivate func started(
    _ command: ChildCommand, _ onEvent: @escaping @Sendable (ChildProcess.Event) -> Void
  ) async throws -> ChildProcess {
    try await perform { () -> Result<ChildProcess, Failure> in
      do throws(Failure) {
        return .success(try ChildProcess.start(command, on: self, onEvent: onEvent))
      } catch {
        return .failure(error)
      }
    }.get()
  }
}

import Adapters
import FleetModel
import Glibc
import Wire

/// The fault server as a process.
package enum FaultServerProgram {
  /// Wrong flags (EX_USAGE).
  static let usageStatus: Int32 = 64
  /// A wrong script (EX_DATAERR).
  static let scriptStatus: Int32 = 65
  /// A port that cannot be had (EX_UNAVAILABLE).
  static let unavailableStatus: Int32 = 69
  /// An injected crash.
  static let crashStatus: Int32 = 99
  /// A longer script is refused.
  static let scriptByteLimit = 16 * 1024 * 1024

  /// Runs until the process ends.
  ///
  /// - Parameter arguments: without the program's name.
  package static func run(_ arguments: [String]) async -> Never {
    let options: FaultServerOptions
    do {
      options = try FaultServerOptions(arguments)
    } catch {
      fail("mcpdash-faultserver: \(error.message)", status: usageStatus)
    }
    guard !options.wantsHelp else {
      print(FaultServerOptions.usage, to: STDOUT_FILENO)
      exit(0)
    }
    let script = options.scriptPath.map(readScript)
    let loop = EventLoop(name: "faultserver")
    loop.start()
    let server = MisbehavingServer(loop: loop, options: options, script: script) {
      _exit(crashStatus)
    }
    do {
      let ports = try await server.start()
      if let port = ports.control {
        // Standard output belongs to the protocol when it is served there.
        print(
          "control at http://127.0.0.1:\(port)/fault\n",
          to: options.usesStdio ? STDERR_FILENO : STDOUT_FILENO)
      }
      if let port = ports.http {
        print("listening on http://127.0.0.1:\(port)/mcp\n", to: STDOUT_FILENO)
      }
    } catch {
      fail("mcpdash-faultserver: \(error)", status: unavailableStatus)
    }
    if options.usesStdio {
      await server.serve(input: STDIN_FILENO, output: STDOUT_FILENO) { exit(0) }
    }
    if options.endsWithInput {
      var ignored = [UInt8](repeating: 0, count: 1024)
      while read(STDIN_FILENO, &ignored, ignored.count) > 0 {}
      exit(0)
    }
    while true { pause() }
  }

  private static func readScript(_ path: String) -> FaultScript {
    do {
      return try FaultScript(try JSONView(try bytes(of: path)))
    } catch {
      fail("mcpdash-faultserver: \(path): \(error)", status: scriptStatus)
    }
  }

  private struct Unreadable: Error, CustomStringConvertible {
    var description: String
  }

  private static func bytes(of path: String) throws(Unreadable) -> [UInt8] {
    guard let file = fopen(path, "r") else {
      throw Unreadable(description: String(cString: strerror(errno)))
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 * 1024)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 {
      bytes += buffer[..<count]
      guard bytes.count <= scriptByteLimit else {
        throw Unreadable(description: "longer than \(scriptByteLimit) bytes")
      }
    }
    return bytes
  }

  private static func fail(_ message: String, status: Int32) -> Never {
    print(message + "\n", to: STDERR_FILENO)
    exit(status)
  }

  private static func print(_ text: String, to fd: Int32) {
    let bytes = Array(text.utf8)
    _ = write(fd, bytes, bytes.count)
  }
}

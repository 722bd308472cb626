import Foundation
import Glibc

/// The place where figures are taken: the built programs, and a directory for what they need.
final class Bench {
  /// Where this program and the ones it measures lie.
  let products: String
  let directory: String
  /// Held here, for a server ends when nobody holds it.
  private var servers: [HealthyServer] = []

  init() throws(BenchmarkError) {
    products =
      URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
      .deletingLastPathComponent().path
    var template = Array("/tmp/mcpdash-bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw .system("making a directory", errno) }
    directory = String(
      decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: directory)  // Only a temporary directory.
  }

  var mcpdash: String { "\(products)/mcpdash" }

  /// Fault servers without faults, each a process of its own.
  func startServers(_ count: Int) throws(BenchmarkError) -> [HealthyServer] {
    for number in 0..<count {
      servers.append(
        try HealthyServer(
          program: "\(products)/mcpdash-faultserver", log: "\(directory)/server-\(number).log"))
    }
    return servers
  }

  /// A configuration whose servers are spread over the URLs in turn.
  ///
  /// - Returns: the command line for a dashboard or a command.
  func configure(servers count: Int, at servers: [HealthyServer]) throws(BenchmarkError)
    -> [String]
  {
    let entries = (1...count).map { number in
      "\"\(Self.serverName(number))\": { url: \"\(servers[number % servers.count].url)\" }"
    }
    let file = "\(directory)/mcpdash.json5"
    let text = "{ mcpServers: {\n\(entries.joined(separator: ",\n"))\n} }\n"
    do { try Data(text.utf8).write(to: URL(filePath: file)) } catch {
      throw .system("writing \(file)", errno)
    }
    return ["--config", file, "--state-dir", "\(directory)/state"]
  }

  static func serverName(_ number: Int) -> String { "server-\(number)" }
}

/// A fault server that does what it is asked.
final class HealthyServer {
  let url: String
  private let program: LaunchedProgram

  init(program path: String, log: String) throws(BenchmarkError) {
    program = try LaunchedProgram(path, ["--http", "0"], streams: .file(path: log))
    let mark = "listening on "
    for _ in 0..<500 {
      let text = String(
        decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
      if let start = text.firstRange(of: mark)?.upperBound,
        let end = text[start...].firstIndex(of: "\n")
      {
        url = String(text[start..<end])
        return
      }
      usleep(10_000)
    }
    throw .neverHappened("the fault server; see \(log)")
  }
}

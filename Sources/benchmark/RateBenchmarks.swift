import Foundation
import Glibc

/// How many calls a second the fault server answers, so that it is never what limits a measurement.
enum RateBenchmarks {
  private static let wrk = "/usr/bin/wrk"

  private static let script = #"""
    wrk.method = "POST"
    wrk.headers["Content-Type"] = "application/json"
    wrk.headers["Accept"] = "application/json, text/event-stream"
    wrk.headers["MCP-Protocol-Version"] = "2026-07-28"
    wrk.headers["Mcp-Method"] = "tools/call"
    wrk.headers["Mcp-Name"] = "echo"
    wrk.body = '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo",'
      .. '"arguments":{"message":"hello"},"_meta":{"io.modelcontextprotocol/protocolVersion":'
      .. '"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}'
    """#

  static func faultServer(_ bench: Bench) throws -> Measurement {
    let server = try bench.startServers(1)[0]
    let scriptPath = "\(bench.directory)/call.lua"
    try Data(script.utf8).write(to: URL(filePath: scriptPath))
    let runs = try (0..<5).map { number in
      let log = "\(bench.directory)/wrk-\(number).log"
      let program = try LaunchedProgram(
        wrk, ["-t", "1", "-c", "32", "-d", "5s", "-s", scriptPath, server.url],
        streams: .file(path: log))
      waitpid(program.pid, nil, 0)
      let text = String(
        decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
      guard let start = text.firstRange(of: "Requests/sec:")?.upperBound,
        let rate = Double(
          text[start...].prefix { $0 != "\n" }.trimmingCharacters(in: .whitespaces)),
        !text.contains("Non-2xx")
      else { throw BenchmarkError.ended("wrk", text) }
      return rate
    }
    return Measurement(
      name: "tool calls the fault server answers, 32 connections", unit: "calls/s",
      bar: .atLeast(20_000), runs: runs, command: "benchmark fault-server")
  }
}

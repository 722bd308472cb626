import Foundation
import Glibc

/// The responder that all clients call, and the programs of others that call it.
struct ResponderStage {
  private static let sources = "scripts/wire"
  private static let python = ".venv/current/bin/python"
  private static let wrk = "/usr/bin/wrk"

  let url: String
  private let bench: Bench
  private let responder: LaunchedProgram

  init(_ bench: Bench) throws {
    self.bench = bench
    for (name, libraries) in [("responder", []), ("curl", ["-lcurl"])] {
      _ = try Self.output(
        of: "/usr/bin/cc",
        ["-O2", "-o", "\(bench.directory)/\(name)", "\(Self.sources)/\(name).c"] + libraries, bench)
    }
    let log = "\(bench.directory)/responder.log"
    responder = try LaunchedProgram(
      "\(bench.directory)/responder", [], streams: .file(path: log))
    for _ in 0..<500 {
      let text = FileManager.default.contents(atPath: log) ?? Data()
      if text.last == 10, let port = Int(String(decoding: text.dropLast(), as: UTF8.self)) {
        url = "http://127.0.0.1:\(port)/mcp"
        return
      }
      usleep(10_000)
    }
    throw BenchmarkError.neverHappened("the responder; see \(log)")
  }

  /// Whether this program, its children to come and the responder share one processor core.
  ///
  /// One call at a time is otherwise a measure of how fast a resting core wakes up: on a virtual
  /// machine that took three times as long as the call, for every client alike.
  func shareOneCore(_ isShared: Bool) throws {
    let cores = isShared ? "0" : "0-\(sysconf(Int32(_SC_NPROCESSORS_CONF)) - 1)"
    for process in [getpid(), responder.pid] {
      _ = try Self.output(of: "/usr/bin/taskset", ["-a", "-c", "-p", cores, "\(process)"], bench)
    }
  }

  func libcurl(_ calls: Int, _ width: Int, _ text: String) throws -> [Double] {
    try numbers(
      "\(bench.directory)/curl", [url, String(calls), String(width), Self.body(text)])
  }

  func python(_ library: String, _ calls: Int, _ width: Int, _ text: String) throws -> [Double] {
    try numbers(
      Self.python,
      ["\(Self.sources)/clients.py", library, url, String(calls), String(width), text])
  }

  func wrk(_ width: Int, _ text: String) throws -> [Double] {
    let said = try Self.output(
      of: Self.wrk,
      [
        "-t", "1", "-c", String(width), "-d", "2s", "-s", "\(Self.sources)/request.lua", url, "--",
        Self.body(text),
      ], bench)
    guard let start = said.firstRange(of: "Requests/sec:")?.upperBound, !said.contains("Non-2xx"),
      let rate = Double(said[start...].prefix { $0 != "\n" }.trimmingCharacters(in: .whitespaces))
    else { throw BenchmarkError.ended("wrk", said) }
    return [rate]
  }

  /// What this client sends for the same call, less its metadata.
  private static func body(_ text: String) -> String {
    #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":"#
      + #"{"text":"\#(text)"}}}"#
  }

  private func numbers(_ program: String, _ arguments: [String]) throws -> [Double] {
    let said = try Self.output(of: program, arguments, bench)
    let numbers = said.split { $0.isWhitespace }.map { Double($0) }
    guard numbers.count == 2, let rate = numbers[0], let cost = numbers[1] else {
      throw BenchmarkError.ended(program, said)
    }
    return [rate, cost]
  }

  private static func output(
    of program: String, _ arguments: [String], _ bench: Bench
  ) throws -> String {
    let log = "\(bench.directory)/output.log"
    let process = try LaunchedProgram(program, arguments, streams: .file(path: log))
    var status: Int32 = 0
    waitpid(process.pid, &status, 0)
    let said = String(
      decoding: FileManager.default.contents(atPath: log) ?? Data(), as: UTF8.self)
    guard status == 0 else { throw BenchmarkError.ended(program, said) }
    return said
  }
}

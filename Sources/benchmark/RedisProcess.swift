import FleetModel
import Glibc

/// A Redis server of a figure's own, which keeps what it has in memory alone.
final class RedisProcess {
  let port: Int
  private let program: LaunchedProgram

  init(_ bench: Bench, _ name: String) throws(BenchmarkError) {
    port = name == "adds" ? 16_391 : 16_392
    program = try LaunchedProgram(
      "/usr/bin/redis-server",
      [
        "--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir",
        bench.directory,
      ], streams: .file(path: "\(bench.directory)/redis-\(name).log"))
    for _ in 0..<500 {
      if RawRedis.answers(port: port) { return }
      usleep(10_000)
    }
    throw .neverHappened("an answer of redis-server on port \(port)")
  }

  func address(_ database: Int) -> RedisAddress {
    RedisAddress(.network("127.0.0.1", port: port), database: database)
  }
}

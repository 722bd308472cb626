import Foundation
import Glibc

/// What the operator feels: the whole program in a terminal of 200 by 60.
enum ScreenBenchmarks {
  private static let columns = 200
  private static let rows = 60

  /// From the start of the process to the last server's row on the screen.
  static func firstFrame(_ bench: Bench) throws -> Measurement {
    let servers = try bench.startServers(2)
    let arguments = try bench.configure(servers: 8, at: servers)
    let last = Bench.serverName(8)
    let runs = try (0..<9).map { _ in
      let terminal = try PseudoTerminal(columns: columns, rows: rows)
      let start = ContinuousClock.now
      let program = try LaunchedProgram(
        bench.mcpdash, arguments, streams: .terminal(path: terminal.path))
      let end = try terminal.wait(for: last, within: .seconds(10))
      program.stop()
      return (end - start) / .milliseconds(1)
    }
    return Measurement(
      name: "first frame after the start, 8 servers", unit: "ms", bar: .atMost(100), runs: runs,
      command: "benchmark first-frame")
  }

  /// From a key to the first bytes of the frame it makes; the screen is paused, so no other comes.
  static func keyToFrame(_ bench: Bench) throws -> Measurement {
    let servers = try bench.startServers(2)
    let arguments = try bench.configure(servers: 8, at: servers)
    let terminal = try PseudoTerminal(columns: columns, rows: rows)
    let program = try LaunchedProgram(
      bench.mcpdash, arguments, streams: .terminal(path: terminal.path))
    defer { program.stop() }
    _ = try terminal.wait(for: Bench.serverName(8), within: .seconds(10))
    terminal.type("p")
    terminal.drain(for: .milliseconds(1500))
    // Each undoes what the one before it did, so that every one of them changes the screen.
    let keys = ["j", "k", "?", "?"]
    let runs = try (0..<40).map { number in
      let start = ContinuousClock.now
      terminal.type(keys[number % keys.count])
      let end = try terminal.waitForOutput(within: .seconds(2))
      terminal.drain(for: .milliseconds(100))
      return (end - start) / .milliseconds(1)
    }
    return Measurement(
      name: "a key to its frame", unit: "ms", bar: .atMost(20), runs: runs,
      command: "benchmark key-to-frame")
  }

  /// Share of one core while nobody calls: the tick, the frame, and a health check in 30 s.
  static func idle(_ bench: Bench) throws -> Measurement {
    let servers = try bench.startServers(2)
    let arguments = try bench.configure(servers: 8, at: servers)
    let terminal = try PseudoTerminal(columns: columns, rows: rows)
    let program = try LaunchedProgram(
      bench.mcpdash, arguments, streams: .terminal(path: terminal.path))
    defer { program.stop() }
    _ = try terminal.wait(for: Bench.serverName(8), within: .seconds(10))
    terminal.drain(for: .seconds(3))
    let runs = (0..<3).map { _ in
      let before = program.processorTime()
      let start = ContinuousClock.now
      terminal.drain(for: .seconds(20))
      return (program.processorTime() - before) / (ContinuousClock.now - start) * 100
    }
    return Measurement(
      name: "processor while nobody calls, 8 servers at 1 Hz", unit: "% of a core",
      bar: .atMost(1), runs: runs, command: "benchmark idle")
  }

  /// From the start until all of 200 servers are connected and counted in a picture of the engine.
  static func manyServers(_ bench: Bench) throws -> Measurement {
    let servers = try bench.startServers(4)
    let arguments = try bench.configure(servers: 200, at: servers)
    let socket = "\(bench.directory)/state/control.sock"
    let runs = try (0..<3).map { _ in
      let terminal = try PseudoTerminal(columns: columns, rows: rows)
      let start = ContinuousClock.now
      let program = try LaunchedProgram(
        bench.mcpdash, arguments, streams: .terminal(path: terminal.path))
      defer { program.stop() }
      _ = try terminal.wait(for: Bench.serverName(9), within: .seconds(10))
      let end = start + .seconds(60)
      while true {
        guard ContinuousClock.now < end else {
          throw BenchmarkError.neverHappened("200 connected servers")
        }
        terminal.drain(for: .milliseconds(20))
        let answer = ControlSocket.get("/snapshot", at: socket)
        if answer.ranges(of: "\"connected\":true").count == 200 { break }
      }
      return (ContinuousClock.now - start) / .seconds(1)
    }
    return Measurement(
      name: "200 servers started, connected and shown", unit: "s", bar: .atMost(5), runs: runs,
      command: "benchmark many-servers")
  }
}

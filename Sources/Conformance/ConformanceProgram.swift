import Adapters
import FleetModel
import Glibc

/// The driver that the official conformance suite starts, as a process.
package enum ConformanceProgram {
  /// The contract was not kept by whoever started us (EX_USAGE).
  static let usageStatus: Int32 = 64

  /// Performs the scenario and ends the process: with 0, or with 1 after saying why not.
  ///
  /// - Parameter arguments: without the program's name.
  package static func run(_ arguments: [String]) async -> Never {
    let task: ConformanceTask
    do throws(ConformanceTask.Fault) {
      task = try ConformanceTask(arguments, environment: environment())
    } catch {
      end("\(error)", status: usageStatus)
    }
    let loop = EventLoop(name: "conformance")
    loop.start()
    do throws(Failure) {
      try await ConformanceRun(task: task, loop: loop).perform()
    } catch {
      end("\(task.scenario): \(error.message)", status: 1)
    }
    exit(0)
  }

  private static func environment() -> [String: String] {
    var variables: [String: String] = [:]
    for name in ["SCENARIO", "PROTOCOL_VERSION", "CONTEXT"] {
      let name = "MCP_CONFORMANCE_" + name
      if let value = getenv(name) { variables[name] = String(cString: value) }
    }
    return variables
  }

  private static func end(_ message: String, status: Int32) -> Never {
    let line = Array("mcpdash-conformance: \(message)\n".utf8)
    // Where nobody reads standard error the status says it all.
    _ = write(STDERR_FILENO, line, line.count)
    exit(status)
  }
}

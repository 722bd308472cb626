import FleetModel
import Glibc

/// The program `mcpdash` from its words to its exit status.
package enum Program {
  /// Runs on the process's own words, environment and streams.
  package static func main() async -> Int32 {
    let environment = Environment.current
    return await run(
      Array(CommandLine.arguments.dropFirst()), environment, .standard, doors: LiveDoors(),
      columns: 100
    ).rawValue
  }

  static func run(
    _ words: [String], _ environment: [String: String], _ console: Console,
    doors: any EngineDoors, columns: Int
  ) async -> ExitStatus {
    let invocation: Invocation
    do throws(UsageError) {
      invocation = try InvocationReader.read(words, environment: environment)
    } catch {
      console.complaint(error.text)
      return error.status
    }
    let context = CommandContext(
      options: invocation.options, environment: environment, console: console,
      doors: doors, columns: columns, files: .system,
      sleep: { duration in
        // Nobody cancels the program's main task; if somebody did, the wait would be over.
        try? await Task.sleep(for: duration)
      })
    return await CommandRunner(context: context).run(invocation.action) ?? .internalError
  }
}

/// The variables the process was started with.
enum Environment {
  static var current: [String: String] {
    var variables: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let parts = String(cString: text).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2 { variables[String(parts[0])] = String(parts[1]) }
      entry += 1
    }
    return variables
  }
}

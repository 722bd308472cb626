import FleetModel
import Glibc

/// The program `mcpdash` from its words to its exit status.
package enum Program {
  /// Runs on the process's own words, environment and streams.
  package static func main() async -> Int32 {
    StandardStreams.occupy()
    let environment = Environment.current
    let context = CommandContext(
      options: GlobalOptions(), environment: environment, console: .standard,
      doors: LiveDoors(), columns: PageWidth.current(environment),
      userName: Environment.userName, files: .system,
      sleep: { duration in
        // Nobody cancels the program's main task; if somebody did, the wait would be over.
        try? await Task.sleep(for: duration)
      })
    return await run(Array(CommandLine.arguments.dropFirst()), in: context).rawValue
  }

  /// - Parameter context: its options are those of the words.
  static func run(_ words: [String], in context: CommandContext) async -> ExitStatus {
    var context = context
    let invocation: Invocation
    do throws(UsageError) {
      invocation = try InvocationReader.read(words, environment: context.environment)
    } catch {
      context.console.complaint(error.text)
      return error.status
    }
    context.options = invocation.options
    switch invocation.action {
    case .dashboard: return await DashboardCommand(context: context).run()
    case .demo(let seed, let picture):
      return await DemoCommand(context: context, seed: seed, picture: picture).run()
    case .snapshot, .servers, .tools, .call, .breakerList, .breaker, .reconnect, .trust, .login,
      .logout, .authorizationStatus, .toolHive,
      .cacheList, .cacheClear, .statistics, .deadLetters, .check, .checkConfiguration, .schema,
      .simulate, .manual, .completions,
      .version, .help:
      return await CommandRunner(context: context).run(invocation.action)
    }
  }
}

/// The variables the process was started with.
enum Environment {
  /// The name of the process's user in the system's list; nil when it is not there.
  static var userName: String? {
    guard let entry = getpwuid(geteuid()) else { return nil }
    let name = String(cString: entry.pointee.pw_name)
    return name.isEmpty ? nil : name
  }

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

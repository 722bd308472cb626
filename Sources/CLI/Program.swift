import FleetModel
import Glibc

/// The program `mcpdash` from its words to its exit status.
package enum Program {
  /// Runs on the process's own words, environment and streams.
  package static func main() async -> Int32 {
    let environment = Environment.current
    return await run(Array(CommandLine.arguments.dropFirst()), environment, .standard).rawValue
  }

  static func run(
    _ words: [String], _ environment: [String: String], _ console: Console
  ) async -> ExitStatus {
    let invocation: Invocation
    do throws(UsageError) {
      invocation = try InvocationReader.read(words, environment: environment)
    } catch {
      console.complaint(error.text)
      return error.status
    }
    do throws(FileError) {
      if let text = selfDescription(invocation.action) {
        try console.print(text)
        return .success
      }
      return .internalError
    } catch {
      console.complaint("mcpdash: cannot write: \(error.reason)")
      return .inputOutput
    }
  }

  /// What needs no fleet: texts about the program itself.
  private static func selfDescription(_ action: Invocation.Action) -> String? {
    switch action {
    case .help(let commands):
      commands.isEmpty ? HelpText.program() : HelpText.commands(commands)
    case .manual: ManualPage.text(version: ProgramVersion.text)
    case .completions(let shell): Completions.script(for: shell)
    case .version: "mcpdash \(ProgramVersion.text)\n"
    case .dashboard, .demo, .snapshot, .servers, .tools, .call, .breakerList, .breaker,
      .deadLetterList, .deadLetterShow, .deadLetterReplay, .deadLetterDelete,
      .checkConfiguration:
      nil
    }
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

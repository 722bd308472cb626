import FleetModel
import Gateway

/// `mcpdash check`: where servers were looked for, who answers, and what is wrong.
struct CheckCommand {
  /// Between two looks at the fleet.
  static let pause = Duration.milliseconds(100)
  /// Looks at a server that is up before nobody waits for its tools any more.
  private static let toolPatience = 10

  let context: CommandContext
  let request: CheckRequest

  func run() async throws(CommandFailure) -> ExitStatus {
    let door = request.isOffline ? nil : await context.runningDoorIfAny()
    var report: CheckReport
    do throws(CommandFailure) {
      report = CheckReport(configuration: try context.configuration())
    } catch {
      // An engine that was started elsewhere is explained all the same.
      guard door != nil, error.status == .noConfiguration,
        context.options.configurationFiles.isEmpty
      else {
        await door?.close()
        throw error
      }
      report = CheckReport(configuration: Configuration())
    }
    do throws(CommandFailure) {
      report.letters = LetterStorePicture(
        try context.letterStore(report.configuration.settings))
    } catch {
      // Without a place for state only a running engine has one.
      guard door != nil else { throw error }
    }
    if let door {
      report.engine = .running
      try await observe(door, &report)
    } else if !request.isOffline, report.configuration.isUsable {
      report.engine = .own
      // A check calls no tool.
      let door = try await context.start(
        report.configuration, scope: FleetScope(runsProbes: false), tickInterval: Self.pause)
      try await observe(door, &report)
    }
    try context.print(
      request.isJSON
        ? report.json : report.text(columns: context.columns, ink: context.ink))
    return report.status
  }

  private func observe(
    _ door: any EngineDoor, _ report: inout CheckReport
  ) async throws(CommandFailure) {
    let line = context.progressLine(isQuiet: request.isQuiet)
    do throws(CommandFailure) {
      try await watch(door, &report, line)
      line.end()
      await door.close()
    } catch {
      line.end()
      await door.close()
      throw error
    }
  }

  /// Looks until there is nothing to wait for, or the time is over.
  private func watch(
    _ door: any EngineDoor, _ report: inout CheckReport, _ line: ProgressLine
  ) async throws(CommandFailure) {
    var looks = Int(request.wait / Self.pause)
    var upLooks: [String: Int] = [:]
    while true {
      let response = try await context.ask(door, .snapshot(.json))
      report.servers = ServerCommands.servers(in: response)
      report.engineSources = SourcePicture.all(in: response)
      if let view = response.view {
        report.letters?.observe(view, isOwn: report.engine == .own)
      }
      var waiting: [String] = []
      for server in report.servers where !server.isSettled {
        if server.state == .up { upLooks[server.name, default: 0] += 1 }
        if upLooks[server.name, default: 0] < Self.toolPatience { waiting.append(server.name) }
      }
      let waitingCount = waiting.count
      waiting += report.engineSources.filter { !$0.isWell && $0.kind != .file }.map(\.name)
      if report.letters?.isAwaited ?? false { waiting.append("the dead letters' store") }
      guard looks > 0, !waiting.isEmpty || report.servers.isEmpty else { return }
      looks -= 1
      let count = report.servers.count
      line.show(
        "connecting: \(max(0, count - waitingCount)) of "
          + "\(ConfigurationText.count(count, "server")), waiting for "
          + (waiting.isEmpty ? "the first" : waiting.joined(separator: ", ")))
      await context.sleep(Self.pause)
    }
  }
}

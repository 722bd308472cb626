import FleetModel

/// What `mcpdash check` found.
struct CheckReport: Sendable {
  enum Engine: String, Sendable {
    /// That of another process.
    case running
    /// One that was started for the check.
    case own
  }

  var configuration: Configuration
  /// nil where nobody was connected to.
  var engine: Engine?
  /// Those of the engine.
  var servers: [ServerPicture] = []
  var engineSources: [SourcePicture] = []

  /// nil where none was chosen.
  var letters: LetterStorePicture?

  init(configuration: Configuration) { self.configuration = configuration }

  /// Where was looked; a configuration that does not say has its files.
  var sources: [ConfigurationSource] {
    guard configuration.sources.isEmpty else { return configuration.sources }
    return configuration.files.map { file in
      ConfigurationSource(
        path: file, program: .other, state: .read,
        servers: configuration.servers.filter { $0.source.hasPrefix(file + ": ") }.map(\.id))
    }
  }

  /// Those of the engine that are no files of this configuration.
  var otherSources: [SourcePicture] {
    let paths = sources.map(\.path)
    return engineSources.filter { !paths.contains($0.name) }
  }

  /// Configured servers that the running engine does not know.
  var unknownServers: [ServerDefinition] {
    guard engine == .running else { return [] }
    let names = servers.map(\.name)
    return configuration.servers.filter { !names.contains($0.id.name) }
  }

  var wellCount: Int { servers.count { $0.state == .up } }

  var status: ExitStatus {
    if !configuration.errors.isEmpty { return .badData }
    let isAllWell =
      wellCount == servers.count && unknownServers.isEmpty
      && otherSources.allSatisfy(\.isWell) && letters?.trouble == nil
    return isAllWell ? .success : .unavailable
  }
}

extension ConfigurationSource.Program {
  /// As people call it; nil where nothing is known of the file.
  var words: String? {
    switch self {
    case .mcpdash: "mcpdash"
    case .claudeDesktop: "Claude Desktop"
    case .claudeCode: "Claude Code"
    case .vsCode: "VS Code"
    case .cursor: "Cursor"
    case .fastMCP: "FastMCP"
    case .other: nil
    }
  }
}

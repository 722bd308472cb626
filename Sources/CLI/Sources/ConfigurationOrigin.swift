/// Where the configuration is from, to read it at the start and again whenever that changes.
struct ConfigurationOrigin: Sendable {
  /// What `--config` or `MCPDASH_CONFIG` name; empty: the usual places.
  var named: [String] = []
  /// Whether files of other programs are looked for; nil: as our own say.
  var discovers: Bool?
  var environment: [String: String]
  var files: CommandContext.FileAccess
  /// Where servers come from beside files.
  var sources: [any ServerSource] = []
  /// How much of it an engine runs, from the start and after every change.
  var scope = FleetScope()
  /// What flags and environment say of ToolHive and Kubernetes.
  var discovery = DiscoveryOptions()
  /// Where the lines of the log go beside the events; nil is nowhere.
  var log: (@Sendable (DiscoveryLogLine) -> Void)?

  private var isOpen: Bool { !sources.isEmpty || discovery.isCalled }

  /// Reads everything; what is wrong is in it.
  func load() -> Configuration {
    let places = named.isEmpty ? StandardPlaces(environment: environment).configurations : named
    // Taken first, so that a change while a file is read is seen later.
    var stamps = self.stamps(of: places)
    var configuration =
      named.isEmpty
      ? ConfigurationLoader.find(
        discovers: discovers, environment: environment, directory: files.directory,
        isOpen: isOpen, read: files.read)
      : ConfigurationLoader.load(
        named, environment: environment, directory: files.directory, isOpen: isOpen,
        read: files.read)
    let looked = configuration.sources.map(\.path) + configuration.companions
    stamps.merge(self.stamps(of: looked.filter { stamps[$0] == nil })) { first, _ in first }
    configuration.stamps = stamps
    return configuration
  }

  /// What each of these files is now.
  func stamps(of paths: [String]) -> [String: FileStamp?] {
    var stamps: [String: FileStamp?] = [:]
    for path in paths { stamps.updateValue(files.stamp(path), forKey: path) }
    return stamps
  }

  /// Why it is no configuration at all.
  func failure(of configuration: Configuration) -> CommandFailure? {
    guard configuration.files.isEmpty else { return nil }
    guard configuration.errors.isEmpty else {
      let reasons = configuration.errors.map(\.description).joined(separator: "; ")
      return CommandFailure(reasons, .noConfiguration)
    }
    guard !isOpen else { return nil }
    let places = configuration.sources.map(\.path).joined(separator: ", ")
    return CommandFailure(
      "no configuration: there is none of \(places); write one, name one with --config, or look at"
        + " 'mcpdash demo'", .noConfiguration)
  }

  /// What is to be followed beside the files, now that they are read.
  func discoverySettings(
    _ configuration: Configuration
  ) throws(CommandFailure) -> DiscoverySettings? {
    try DiscoverySettings.resolve(
      discovery.over(configuration.settings.discovery), environment: environment)
  }

  /// With the sources that flags, environment and files ask for.
  /// - Parameter announce: takes each line of their log, beside `log`.
  func withDiscovery(
    for configuration: Configuration,
    announcing announce: @escaping @Sendable (DiscoveryLogLine) async -> Void
  ) throws(CommandFailure) -> ConfigurationOrigin {
    guard let settings = try discoverySettings(configuration) else { return self }
    var origin = self
    let log = log
    origin.sources.append(
      DiscoverySource(
        settings: settings, isOnlySource: configuration.servers.isEmpty && sources.isEmpty,
        read: files.read
      ) { line in
        log?(line)
        await announce(line)
      })
    return origin
  }
}

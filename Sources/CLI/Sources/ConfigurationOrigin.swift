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

  /// Reads everything; what is wrong is in it.
  func load() -> Configuration {
    let places = named.isEmpty ? StandardPlaces(environment: environment).configurations : named
    // Taken first, so that a change while a file is read is seen later.
    var stamps = self.stamps(of: places)
    var configuration =
      named.isEmpty
      ? ConfigurationLoader.find(
        discovers: discovers, environment: environment, directory: files.directory,
        isOpen: !sources.isEmpty, read: files.read)
      : ConfigurationLoader.load(
        named, environment: environment, directory: files.directory, isOpen: !sources.isEmpty,
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
    guard sources.isEmpty else { return nil }
    let places = configuration.sources.map(\.path).joined(separator: ", ")
    return CommandFailure(
      "no configuration: there is none of \(places); write one, name one with --config, or look at"
        + " 'mcpdash demo'", .noConfiguration)
  }
}

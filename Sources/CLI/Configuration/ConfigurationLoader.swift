import FleetModel

/// Reads files, and those they include, into one `Configuration`.
///
/// Of a setting in several files the first counts, the including file before the included ones.
struct ConfigurationLoader {
  /// Files that one start may read.
  static let fileLimit = 32

  let expansion: VariableExpansion
  /// Reads a whole file.
  let read: (String) throws(FileError) -> [UInt8]

  private var report = ConfigurationReport()
  private var files: [String] = []
  private var entries: [ServerEntry] = []
  /// Of all servers that are written, those that are broken or switched off too.
  private var names: [String] = []
  private var defaults: [Spot] = []
  private var namedPolicies: [(name: String, spot: Spot)] = []
  private var namedProbes: [(name: String, spot: Spot)] = []
  private var settings = Configuration.Settings()
  private var isDeliveryInDoubt = false

  private static let rootKeys = [
    "servers", "mcpServers", "include", "defaults", "policies", "probes", "theme", "mouse",
    "refresh", "locality", "deadLetters", "toolhive",
  ]

  /// One that is misspelt in a file of our own must not pass for a foreign key: it may be a limit.
  private static let weightyKeys = ["defaults", "policies"]

  init(
    environment: [String: String], read: @escaping (String) throws(FileError) -> [UInt8]
  ) {
    expansion = VariableExpansion(environment: environment)
    self.read = read
  }

  static func load(
    _ paths: [String], environment: [String: String],
    read: @escaping (String) throws(FileError) -> [UInt8]
  ) -> Configuration {
    var loader = ConfigurationLoader(environment: environment, read: read)
    for path in paths { loader.load(path, includedAt: nil) }
    return loader.finish()
  }

  private mutating func load(_ path: String, includedAt place: Spot?) {
    guard !files.contains(path) else {
      if let place { report.warn(place, "'\(path)' is read already; remove this") }
      return
    }
    guard files.count < Self.fileLimit else {
      return fail(path, at: place, "more than \(Self.fileLimit) files; join some")
    }
    let bytes: [UInt8]
    do throws(FileError) { bytes = try read(path) } catch {
      return fail(path, at: place, "cannot read '\(path)': \(error.reason)")
    }
    files.append(path)
    do throws(JSON5Error) {
      let document = try JSON5Reader.read(bytes)
      for duplicate in document.duplicates { reportDuplicate(duplicate, in: path) }
      read(Spot(file: path, path: "", value: document.root))
    } catch {
      let value = JSON5Value(position: error.position, content: .null)
      report.fail(Spot(file: path, path: "", value: value), error.message)
    }
  }

  private mutating func fail(_ path: String, at place: Spot?, _ message: String) {
    if let place { report.fail(place, message) } else { report.fail(file: path, message) }
  }

  private mutating func reportDuplicate(_ duplicate: JSON5Document.Duplicate, in file: String) {
    let path = duplicate.path.isEmpty ? duplicate.key : duplicate.path + "." + duplicate.key
    let value = JSON5Value(position: duplicate.second, content: .null)
    let spot = Spot(file: file, path: path, value: value)
    let message =
      "is written twice, first in line \(duplicate.first.line), which counts; remove one"
    if duplicate.path == "servers" || duplicate.path == "mcpServers" {
      report.fail(spot, message, server: ServerID(duplicate.key))
    } else {
      report.warn(spot, message)
    }
  }

  private mutating func read(_ root: Spot) {
    guard let members = root.members else {
      report.fail(root, "must be an object such as {\"mcpServers\": {}}, not \(root.value.kind)")
      return
    }
    let isOwn = root.file.hasSuffix(".json5")
    for (key, spot) in members where !Self.rootKeys.contains(key) {
      // Other programs keep much else in their files; only what looks like a slip is worth a word.
      let suggestion = Suggestion.phrase(for: key, among: Self.rootKeys)
      let near = Suggestion.closest(to: key, among: Self.rootKeys) ?? ""
      if isOwn, Self.weightyKeys.contains(near) {
        report.fail(spot, "unknown key '\(key)'" + suggestion, isBorne: true)
        isDeliveryInDoubt = true
        continue
      }
      if isOwn || !suggestion.isEmpty { report.warn(spot, "unknown key '\(key)'" + suggestion) }
    }
    for (key, spot) in members {
      switch key {
      case "servers", "mcpServers": readServers(spot)
      case "defaults": defaults.append(spot)
      case "policies": readNamed(spot, "policies") { $0.namedPolicies.append(($1, $2)) }
      case "probes": readNamed(spot, "probes") { $0.namedProbes.append(($1, $2)) }
      default: break
      }
    }
    SettingsReader(expansion: expansion).read(root, into: &settings, &report)
    for include in includes(root) {
      guard let path = include.value.string else { continue }
      load(FilePath.resolve(path, beside: root.file, expansion), includedAt: include)
    }
  }

  private mutating func readServers(_ spot: Spot) {
    guard let members = spot.members else {
      report.fail(spot, "must be an object of servers by name, not \(spot.value.kind)")
      return
    }
    for (name, entrySpot) in members {
      if let known = entries.first(where: { $0.id.name == name }) {
        report.fail(
          entrySpot,
          "a server '\(name)' is in \(known.spot.file):\(known.spot.value.position.line) already,"
            + " which counts; rename or remove one", server: ServerID(name))
        continue
      }
      names.append(name)
      if let entry = ServerEntry.read(name, entrySpot, expansion, &report) {
        entries.append(entry)
      }
    }
  }

  private mutating func readNamed(
    _ spot: Spot, _ what: String, _ keep: (inout Self, String, Spot) -> Void
  ) {
    guard let members = spot.members else {
      report.fail(spot, "must be an object of \(what) by server, not \(spot.value.kind)")
      return
    }
    for (name, value) in members { keep(&self, name, value) }
  }

  private mutating func includes(_ root: Spot) -> [Spot] {
    guard let spot = root["include"] else { return [] }
    let elements = spot.value.string != nil ? [spot] : spot.elements
    guard let elements, elements.allSatisfy({ $0.value.string != nil }) else {
      report.fail(spot, "must be an array of file names")
      return []
    }
    return elements
  }

  private mutating func finish() -> Configuration {
    if entries.isEmpty, report.errors.isEmpty, let file = files.first {
      report.fail(file: file, "has no servers; write some under mcpServers, by name")
    }
    var assembly = FleetAssembly(
      entries: entries, names: names, defaults: defaults, namedPolicies: namedPolicies,
      namedProbes: namedProbes, locality: settings.locality,
      isDeliveryInDoubt: isDeliveryInDoubt)
    let servers = assembly.definitions()
    report.append(assembly.report)
    return Configuration(
      servers: servers, settings: settings, warnings: report.warnings, errors: report.errors,
      files: files)
  }
}

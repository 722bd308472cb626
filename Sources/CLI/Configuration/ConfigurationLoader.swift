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
  private var defaults: [Spot] = []
  private var namedPolicies: [(name: String, spot: Spot)] = []
  private var namedProbes: [(name: String, spot: Spot)] = []
  private var settings = Configuration.Settings()

  private static let rootKeys = [
    "servers", "mcpServers", "include", "defaults", "policies", "probes", "theme", "mouse",
    "refresh", "deadLetters",
  ]

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
      if isOwn || !suggestion.isEmpty { report.warn(spot, "unknown key '\(key)'" + suggestion) }
    }
    for (key, spot) in members {
      switch key {
      case "servers", "mcpServers": readServers(spot)
      case "defaults":
        if PolicyReader.check(spot, &report) || spot.members != nil { defaults.append(spot) }
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
}

extension ConfigurationLoader {
  private mutating func finish() -> Configuration {
    let names = entries.map(\.id.name)
    for (name, spot) in namedPolicies where name != "*" && !names.contains(name) {
      warnUnknownServer(name, spot, names)
    }
    for (name, spot) in namedProbes where !names.contains(name) {
      warnUnknownServer(name, spot, names)
    }
    for (name, spot) in namedPolicies where name == "*" {
      _ = PolicyReader.check(spot, &report)
    }
    let servers = entries.compactMap { definition(of: $0) }
    if entries.isEmpty, report.errors.isEmpty, let file = files.first {
      report.fail(file: file, "has no servers; write some under mcpServers, by name")
    }
    return Configuration(
      servers: servers, settings: settings, warnings: report.warnings, errors: report.errors,
      files: files)
  }

  private mutating func warnUnknownServer(_ name: String, _ spot: Spot, _ names: [String]) {
    report.warn(
      spot, "there is no server '\(name)'" + Suggestion.phrase(for: name, among: names))
  }

  /// nil when what is said of this server alone is broken: it might do harm with other policies
  /// than the ones that were meant.
  private mutating func definition(of entry: ServerEntry) -> ServerDefinition? {
    let own =
      namedPolicies.filter { $0.name == entry.id.name }.map(\.spot)
      + [entry.spot["policies"]].compactMap(\.self)
    var isSound = true
    for spot in own where !PolicyReader.check(spot, &report, server: entry.id) { isSound = false }
    var probes: [Probe] = []
    let probeSpots =
      [entry.spot["probes"]].compactMap(\.self)
      + namedProbes.filter { $0.name == entry.id.name }.map(\.spot)
    for spot in probeSpots {
      guard let found = ProbeReader.read(spot, &report, server: entry.id) else {
        isSound = false
        continue
      }
      probes += found
    }
    guard isSound else { return nil }
    let policies = policies(of: entry, own: own)
    for contradiction in PolicyReader.contradictions(in: policies) {
      report.warn(entry.spot, contradiction, server: entry.id)
    }
    return ServerDefinition(
      id: entry.id, endpoint: entry.endpoint, policies: policies, probes: probes,
      source: "\(entry.spot.file): \(entry.spot.path)")
  }

  /// Later layers overrule earlier ones: built in, `defaults`, `policies["*"]`, the server's own.
  private func policies(of entry: ServerEntry, own: [Spot]) -> Policies {
    var policies = Policies()
    if entry.isStdio { policies.pool = .stdio }
    let shared =
      defaults.reversed() + namedPolicies.filter { $0.name == "*" }.map(\.spot).reversed()
    for spot in shared {
      PolicyReader.apply(
        spot.value, to: &policies, overStdio: entry.isStdio, isNamed: false)
    }
    for spot in own {
      PolicyReader.apply(spot.value, to: &policies, overStdio: entry.isStdio, isNamed: true)
    }
    return policies
  }
}

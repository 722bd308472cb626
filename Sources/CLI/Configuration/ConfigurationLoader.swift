import FleetModel

/// Reads files, and those they include, into one `Configuration`.
///
/// Of a setting in several files the first counts, the including file before the included ones. A
/// file of another program that was found in its usual place never stops the others.
struct ConfigurationLoader {
  /// Files that one start may read.
  static let fileLimit = 32

  /// How a file comes to be read.
  private enum Origin {
    case named
    case included(Spot)
    /// In a usual place, where it may be missing.
    case found
  }

  private let environment: [String: String]
  /// Where the program runs, absolute.
  private let directory: String
  /// Reads a whole file.
  private let read: @Sendable (String) throws(FileError) -> [UInt8]

  private var report = ConfigurationReport()
  private var sources: [ConfigurationSource] = []
  private var plan = FleetPlan()
  private var settings = Configuration.Settings()
  /// Servers that a file of our own switches off wherever they are written.
  private var switchedOff: Set<String> = []

  static let rootKeys = [
    "$schema", "servers", "mcpServers", "inputs", "include", "defaults", "policies", "groups",
    "probes", "discover", "theme", "mouse", "refresh", "locality", "deadLetters",
    "toolhive",
  ]

  /// One that is misspelt in a file of our own must not pass for a foreign key: it may be a limit.
  private static let weightyKeys = ["defaults", "policies", "groups"]

  private init(
    environment: [String: String], directory: String,
    read: @escaping @Sendable (String) throws(FileError) -> [UInt8]
  ) {
    self.environment = environment
    self.directory = directory
    self.read = read
  }

  /// Exactly these files, which must be there, and those they include.
  /// - Parameter isOpen: other sources may have servers that no file names.
  static func load(
    _ paths: [String], environment: [String: String], directory: String = "/",
    isOpen: Bool = false, read: @escaping @Sendable (String) throws(FileError) -> [UInt8]
  ) -> Configuration {
    var loader = ConfigurationLoader(
      environment: environment, directory: directory, read: read)
    loader.plan.isOpen = isOpen
    for path in paths { loader.load(path, .named) }
    return loader.finish()
  }

  /// All files in the usual places.
  /// - Parameter discovers: whether those of other programs are looked for; nil: as our own files
  ///   say, else yes.
  static func find(
    discovers: Bool?, environment: [String: String], directory: String, isOpen: Bool = false,
    read: @escaping @Sendable (String) throws(FileError) -> [UInt8]
  ) -> Configuration {
    var loader = ConfigurationLoader(
      environment: environment, directory: directory, read: read)
    loader.plan.isOpen = isOpen
    let places = StandardPlaces(environment: environment)
    let own = places.ownConfigurations
    for path in own { loader.load(path, .found) }
    if discovers ?? loader.settings.discovers ?? true {
      for path in places.configurations.dropFirst(own.count) { loader.load(path, .found) }
    }
    return loader.finish()
  }

  // MARK: - Files

  private mutating func load(_ path: String, _ origin: Origin) {
    let place = FilePath.absolute(path, in: directory)
    if let known = sources.first(where: { FilePath.absolute($0.path, in: directory) == place }) {
      if case .included(let spot) = origin, known.state != .absent {
        report.warn(spot, "'\(path)' is read already; remove this")
      }
      return
    }
    let program = ConfigurationSource.Program(path: path)
    let shape = ForeignShape.of(program, in: directory)
    let number = sources.count
    sources.append(ConfigurationSource(path: path, program: program, state: .absent))
    guard number < Self.fileLimit else {
      return fail(number, origin, "more than \(Self.fileLimit) files; join some")
    }
    let bytes: [UInt8]
    do throws(FileError) { bytes = try read(path) } catch {
      if case .found = origin, error.isAbsent { return }
      return fail(number, origin, "cannot read '\(path)': \(error.reason)")
    }
    sources[number].state = .read
    do throws(JSON5Error) {
      let document = try JSON5Reader.read(bytes, keeping: shape?.selection ?? .all)
      for duplicate in document.duplicates { reportDuplicate(duplicate, in: path) }
      let root = Spot(file: path, path: "", value: document.root)
      guard root.members != nil else {
        return fail(
          number, at: root, origin, shape,
          "must be an object such as {\"mcpServers\": {}}, not \(root.value.kind)")
      }
      if let shape { readForeign(root, shape, number, origin) } else { readOwn(root, number) }
    } catch {
      let value = JSON5Value(position: error.position, content: .null)
      fail(number, at: Spot(file: path, path: "", value: value), origin, shape, error.message)
    }
  }

  /// A file that cannot be had.
  private mutating func fail(_ number: Int, _ origin: Origin, _ message: String) {
    let source = sources[number]
    sources[number].state = .unusable(message)
    switch origin {
    case .included(let spot): report.fail(spot, message)
    case .named: report.fail(file: source.path, message)
    case .found:
      let isForeign = ForeignShape.of(source.program, in: directory) != nil
      report.fail(file: source.path, message, isBorne: isForeign)
    }
  }

  /// A file whose text cannot be used.
  private mutating func fail(
    _ number: Int, at spot: Spot, _ origin: Origin, _ shape: ForeignShape?, _ message: String
  ) {
    let position = spot.value.position
    sources[number].state = .unusable("line \(position.line): \(message)")
    if case .found = origin, shape != nil {
      report.fail(spot, message, isBorne: true)
    } else {
      report.fail(spot, message)
    }
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

  // MARK: - Shapes

  private mutating func readOwn(_ root: Spot, _ number: Int) {
    judgeKeys(of: root, isOwn: root.file.hasSuffix(".json5"))
    let expansion = VariableExpansion(environment: environment, asking: root["inputs"])
    let context = FileContext(
      expansion: expansion, directory: directory, isForeign: false, read: read)
    for (key, spot) in root.members ?? [] {
      switch key {
      case "servers", "mcpServers": readServers(spot, context, number)
      case "defaults": plan.defaults.append(spot)
      case "policies": readNamed(spot, "policies") { $0.plan.namedPolicies.append($1) }
      case "groups": readGroups(spot)
      case "probes": readNamed(spot, "probes") { $0.plan.namedProbes.append($1) }
      default: break
      }
    }
    SettingsReader(expansion: expansion).read(root, into: &settings, &report)
    for include in includes(root) {
      guard let path = include.value.string else { continue }
      load(FilePath.resolve(path, beside: root.file, expansion), .included(include))
    }
  }

  private mutating func readForeign(
    _ root: Spot, _ shape: ForeignShape, _ number: Int, _ origin: Origin
  ) {
    for key in ["defaults", "policies"] {
      guard let spot = root[key], Self.holdsPolicies(spot) else { continue }
      report.fail(
        spot, "is read in files of mcpdash alone; move it to mcpdash.json5", isBorne: true)
      plan.isDeliveryInDoubt = true
    }
    let context = FileContext(
      expansion: shape.expansion(environment, in: root), directory: directory, isForeign: true,
      read: read)
    for spot in shape.servers(in: root) {
      guard spot.members != nil else {
        let message = "must be an object of servers by name, not \(spot.value.kind)"
        fail(number, at: spot, origin, shape, message)
        continue
      }
      readServers(spot, context, number)
    }
  }

  /// The operator meant us; other programs may have a key of that name for something else.
  private static func holdsPolicies(_ spot: Spot) -> Bool {
    let members = spot.members ?? []
    return members.contains { PolicyReader.keys.contains($0.key) && $0.spot.members != nil }
      || members.contains {
        $0.spot.members?.contains { PolicyReader.keys.contains($0.key) } ?? false
      }
  }

  private mutating func judgeKeys(of root: Spot, isOwn: Bool) {
    for (key, spot) in root.members ?? [] where !Self.rootKeys.contains(key) {
      // Other programs keep much else in their files; only what looks like a slip is worth a word.
      let suggestion = Suggestion.phrase(for: key, among: Self.rootKeys)
      let near = Suggestion.closest(to: key, among: Self.rootKeys) ?? ""
      if isOwn, Self.weightyKeys.contains(near) {
        report.fail(spot, "unknown key '\(key)'" + suggestion, isBorne: true)
        plan.isDeliveryInDoubt = true
        continue
      }
      if isOwn || !suggestion.isEmpty { report.warn(spot, "unknown key '\(key)'" + suggestion) }
    }
  }

  // MARK: - Parts

  private mutating func readServers(_ spot: Spot, _ context: FileContext, _ number: Int) {
    guard let members = spot.members else {
      report.fail(spot, "must be an object of servers by name, not \(spot.value.kind)")
      return
    }
    for (name, entry) in members { readServer(name, entry, context, number) }
  }

  private mutating func readServer(
    _ name: String, _ spot: Spot, _ context: FileContext, _ number: Int
  ) {
    if spot["disabled"]?.value.bool == true || context.isForeign && switchedOff.contains(name) {
      plan.roster.note(name)
      sources[number].disabled.append(name)
      let isBare = ["command", "url", "endpoints"].allSatisfy { spot[$0] == nil }
      if isBare, !context.isForeign { switchedOff.insert(name) }
      return
    }
    let label = sources[number].label
    let id = ServerID(plan.roster.freeName(for: name, label: label))
    var entryReport = ConfigurationReport()
    let entry = ServerEntry.read(name, as: id, spot, context, &entryReport)
    if let entry, plan.roster.twin(of: entry) != nil { return }
    if !context.isForeign, let holder = plan.roster.holder(of: name) {
      entryReport.warn(
        spot,
        "a server '\(name)' is in \(holder.spot.file):\(holder.spot.value.position.line) already;"
          + " this one is called '\(id)'", server: id)
    }
    report.append(entryReport)
    guard let entry else { return plan.roster.reserve(id.name) }
    plan.roster.append(entry)
    sources[number].servers.append(id)
  }

  private mutating func readNamed(
    _ spot: Spot, _ what: String, _ keep: (inout Self, FleetPlan.Named) -> Void
  ) {
    guard let members = spot.members else {
      report.fail(spot, "must be an object of \(what) by server, not \(spot.value.kind)")
      return
    }
    for (name, value) in members { keep(&self, FleetPlan.Named(name: name, spot: value)) }
  }

  private mutating func readGroups(_ spot: Spot) {
    var faults = PolicyFaults(server: nil)
    if let members = spot.members, members.count <= GroupReader.limit {
      for (name, value) in members {
        guard let group = GroupReader.group(name, value, &faults) else { continue }
        plan.groups.append(group)
      }
    } else {
      faults.add(spot, "must be an object of at most \(GroupReader.limit) groups by name")
    }
    // Whom a broken group was meant for cannot be known.
    if faults.count > 0 { plan.isDeliveryInDoubt = true }
    report.append(faults.report)
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

  // MARK: - The end

  private mutating func finish() -> Configuration {
    let files = sources.filter { $0.state == .read }.map(\.path)
    if settings.discovery.isCalled { plan.isOpen = true }
    if plan.roster.entries.isEmpty, report.errors.isEmpty, !plan.isOpen, let file = files.first {
      let others = files.count > 1 ? ", and neither has any other file" : ""
      report.fail(file: file, "has no servers\(others); write some under mcpServers, by name")
    }
    plan.locality = settings.locality
    let (servers, assembled) = plan.assemble()
    report.append(assembled)
    let running = Set(servers.map(\.id))
    for index in sources.indices { sources[index].servers.removeAll { !running.contains($0) } }
    return Configuration(
      servers: servers, settings: settings, warnings: report.warnings, errors: report.errors,
      files: files, sources: sources, companions: report.companions, plan: plan)
  }
}

import FleetModel
import Gateway
import Telemetry

/// The second stage: gives the words their meaning; pure.
struct InvocationReader {
  static let standardWait = Duration.seconds(5)
  static let standardLimit = 50
  static let standardSeed: UInt64 = 1
  static let pictureSides = 10...500

  let line: ParsedLine
  let environment: [String: String]

  /// - Parameter words: without the program's name.
  static func read(
    _ words: [String], environment: [String: String]
  ) throws(UsageError) -> Invocation {
    let reader = InvocationReader(
      line: try CommandLineParser.parse(words), environment: environment)
    if reader.line.has("version") { return Invocation(action: .version, options: .init()) }
    if reader.line.has("help") || reader.line.command == .help {
      let action = Invocation.Action.help(try reader.topic())
      return Invocation(action: action, options: .init())
    }
    return Invocation(action: try reader.action(), options: try reader.options())
  }

  // MARK: - Commands

  private func action() throws(UsageError) -> Invocation.Action {
    let operands = line.operands
    let isJSON = line.has("json")
    switch line.command {
    case .dashboard: return .dashboard
    case .demo: return .demo(seed: try seed(), picture: try picture())
    case .snapshot: return .snapshot(try snapshot())
    case .servers: return .servers(isJSON: isJSON)
    case .tools: return .tools(try tools())
    case .call: return .call(try call())
    case .breakerList: return .breakerList(isJSON: isJSON)
    case .breakerOpen: return .breaker(.hold(try override(.open)), servers: try servers())
    case .breakerClose: return .breaker(.hold(try override(.closed)), servers: try servers())
    case .breakerDisable: return .breaker(.hold(try override(.disabled)), servers: try servers())
    case .breakerReset: return .breaker(.reset, servers: try servers())
    case .reconnect: return .reconnect(server: operands[0])
    case .trust: return .trust(server: operands[0])
    case .login: return .login(try login())
    case .logout: return .logout(server: operands[0])
    case .authorizationStatus: return .authorizationStatus(isJSON: isJSON)
    case .cacheList: return .cacheList(server: operands.first, isJSON: isJSON)
    case .cacheClear: return .cacheClear(cached())
    case .statistics: return .statistics(server: operands.first, isJSON: isJSON)
    case .deadLetterList: return .deadLetters(.list(try letterList()))
    case .deadLetterShow: return .deadLetters(.show(try ids(), isJSON: isJSON))
    case .deadLetterReplay: return .deadLetters(.replay(try letterReplay()))
    case .deadLetterStop: return .deadLetters(.stop(try replayNumber(), isJSON: isJSON))
    case .deadLetterDiscard:
      return .deadLetters(.discard(try letterChoice(), isJSON: isJSON))
    case .deadLetterDelete: return .deadLetters(.delete(try ids(), isJSON: isJSON))
    case .deadLetterPurge:
      return .deadLetters(.purge(try letterChoice(), isSure: line.has("yes"), isJSON: isJSON))
    case .deadLetterStatistics: return .deadLetters(.statistics(isJSON: isJSON))
    case .deadLetterExport: return .deadLetters(.export(try letterExport()))
    case .deadLetterImport: return .deadLetters(.take(from: operands[0], isJSON: isJSON))
    case .toolHiveList: return toolHive(.list(all: line.has("all")))
    case .toolHiveShow: return toolHive(.show(operands[0]))
    case .toolHiveRegistry: return toolHive(.registry(registry))
    case .toolHiveInstall: return toolHive(.install(operands[0]))
    case .toolHiveStart: return toolHive(.start(operands[0]))
    case .toolHiveStop: return toolHive(.stop(operands[0]))
    case .toolHiveRestart: return toolHive(.restart(operands[0]))
    case .toolHiveLogs: return toolHive(.logs(operands[0]))
    case .check: return .check(try check())
    case .checkConfiguration: return .checkConfiguration(isJSON: isJSON)
    case .schema: return .schema
    case .simulate: return .simulate(try simulate())
    case .manual: return .manual
    case .completions: return .completions(try shell(operands[0]))
    case .version: return .version
    case .help: return .help(try topic())
    }
  }

  private func tools() throws(UsageError) -> ToolsRequest {
    ToolsRequest(
      server: line.operands.first, tool: line.operands.dropFirst().first,
      timeout: try duration("timeout"), isJSON: line.has("json"))
  }

  private func check() throws(UsageError) -> CheckRequest {
    CheckRequest(
      isOffline: line.has("offline"),
      wait: try duration("wait", atLeast: .zero) ?? Self.standardWait,
      isQuiet: line.has("quiet"), isJSON: line.has("json"))
  }

  private func topic() throws(UsageError) -> [CommandName] {
    guard line.command == .help else { return line.command == .dashboard ? [] : [line.command] }
    let words = line.operands
    guard let first = words.first else { return [] }
    let commands = CommandName.allCases.filter {
      $0.words.first == first && (words.count == 1 || $0.words == Array(words.prefix(2)))
    }
    guard commands.isEmpty else { return commands }
    let suggestion = Suggestion.phrase(for: first, among: CommandName.firstWords)
    throw error("unknown command '\(PlainText.clean(words.joined(separator: " ")))'" + suggestion)
  }

  private func simulate() throws(UsageError) -> SimulateRequest {
    SimulateRequest(seed: try seed(), seeds: try count("seeds"), isDigest: line.has("digest"))
  }

  private func snapshot() throws(UsageError) -> SnapshotRequest {
    let interval = try duration("every")
    let count = try count("count")
    if count != nil, interval == nil { throw error("--count needs --every") }
    return SnapshotRequest(
      format: try choice("format", SnapshotRequest.Format.self) ?? .text,
      wait: try duration("wait", atLeast: .zero) ?? Self.standardWait, interval: interval,
      count: count)
  }

  private func call() throws(UsageError) -> CallRequest {
    CallRequest(
      server: line.operands[0], tool: line.operands[1],
      arguments: try arguments(line.operands.dropFirst(2).first) ?? .json(.emptyObject),
      timeout: try duration("timeout"), isQuiet: line.has("quiet"), token: try token(),
      isJSON: line.has("json"))
  }

  /// JSON itself, or `-` for standard input.
  func arguments(_ text: String?) throws(UsageError) -> CallRequest.Arguments? {
    guard let text else { return nil }
    guard text != "-" else { return .standardInput }
    return .json(
      try ToolArguments.read(Array(text.utf8), from: "the arguments", of: line.command))
  }

  func token() throws(UsageError) -> TokenPlace? {
    switch (line.value("token-env"), line.value("token-file")) {
    case (nil, nil): return nil
    case (let name?, nil): return .variable(name)
    case (nil, let path?): return .file(path)
    case (_?, _?): throw error("too many tokens; give --token-env or --token-file")
    }
  }

  private func login() throws(UsageError) -> LoginRequest {
    LoginRequest(
      server: line.operands[0], scopes: line.values("scope"),
      timeout: try duration("timeout") ?? LoginRequest.standardTimeout, isJSON: line.has("json"))
  }

  private func override(
    _ kind: BreakerOverride.Kind
  ) throws(UsageError) -> OverrideRequest {
    var request = OverrideRequest(
      kind: kind, reason: line.value("reason") ?? "", owner: source("owner")?.text)
    if let owner = request.owner, owner.isEmpty {
      throw error("--owner: '' is no name; leave it out to give your own")
    }
    let limit = ControlOverride.timeToLiveLimit
    if let time = try duration("for", in: .zero...limit, example: "15m or 2h") {
      request.timeToLive = time
    }
    return request
  }

  /// Empty for all of them, which must be said: nobody means the whole fleet by leaving a name out.
  private func servers() throws(UsageError) -> [String] {
    guard line.operands.isEmpty == line.has("all") else {
      throw error(
        line.has("all")
          ? "too many choices; name servers, or --all" : "which servers? name them, or --all")
    }
    return line.operands
  }

  private func cached() -> CacheSelection {
    switch (line.operands.first, line.operands.dropFirst().first) {
    case (nil, _): .all
    case (let server?, nil): .server(ServerID(server))
    case (let server?, let key?): .entry(ServerID(server), key)
    }
  }

  private func seed() throws(UsageError) -> UInt64 {
    guard let text = line.value("seed") else { return Self.standardSeed }
    guard let seed = UInt64(text) else {
      throw notOfForm("--seed", text, "a whole number from 0 to \(UInt64.max)")
    }
    return seed
  }

  private func picture() throws(UsageError) -> PictureRequest? {
    let size = line.value("size")
    guard let path = line.value("picture") else {
      if size != nil { throw error("--size needs --picture") }
      return nil
    }
    guard let size else { return PictureRequest(path: path) }
    let sides = size.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
    guard sides.count == 2, let columns = sides[0], let rows = sides[1],
      Self.pictureSides.contains(columns), Self.pictureSides.contains(rows)
    else { throw notOfForm("--size", size, "columns and rows such as 120x40, each from 10 to 500") }
    return PictureRequest(path: path, columns: columns, rows: rows)
  }

  private func shell(_ text: String) throws(UsageError) -> Invocation.Shell {
    guard let shell = Invocation.Shell(rawValue: text) else {
      throw error("no completions for '\(PlainText.clean(text))'; write bash, zsh or fish")
    }
    return shell
  }

  // MARK: - Values

  /// A flag before its variable; an empty variable counts as unset.
  func source(_ name: String) -> (label: String, text: String)? {
    if let text = line.value(name) { return ("--" + name, text) }
    guard let variable = FlagTable.named(name)?.environment, let text = environment[variable],
      !text.isEmpty
    else { return nil }
    return (variable, text)
  }

  private func isOn(_ name: String) -> Bool {
    if line.has(name) { return true }
    guard let text = source(name)?.text else { return false }
    // https://no-color.org: any text at all counts.
    return name == "no-color" || !["0", "false", "no", "off"].contains(text.lowercased())
  }

  private func duration(
    _ name: String, atLeast least: Duration = .milliseconds(100)
  ) throws(UsageError) -> Duration? {
    try duration(name, in: least...Duration.seconds(86_400), example: "5 or 500ms")
  }

  private func duration(
    _ name: String, in range: ClosedRange<Duration>, example: String
  ) throws(UsageError) -> Duration? {
    guard let (label, text) = source(name) else { return nil }
    guard let duration = DurationText.read(text), range.contains(duration) else {
      throw notOfForm(
        label, text,
        "a time from \(DurationText.write(range.lowerBound)) to "
          + "\(DurationText.write(range.upperBound)), such as \(example)")
    }
    return duration
  }

  func count(
    _ name: String, in range: ClosedRange<Int> = 1...1_000_000
  ) throws(UsageError) -> Int? {
    guard let (label, text) = source(name) else { return nil }
    guard let count = Int(text), range.contains(count) else {
      throw notOfForm(
        label, text, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return count
  }

  private func choice<Choice: RawRepresentable & CaseIterable>(
    _ name: String, _: Choice.Type
  ) throws(UsageError) -> Choice? where Choice.RawValue == String {
    guard let (label, text) = source(name) else { return nil }
    guard let choice = Choice(rawValue: text) else {
      let words = Choice.allCases.map(\.rawValue)
      throw notOfForm(
        label, text,
        "one of " + words.joined(separator: ", ") + Suggestion.phrase(for: text, among: words))
    }
    return choice
  }

  private func options() throws(UsageError) -> GlobalOptions {
    var options = GlobalOptions()
    options.configurationFiles = line.values("config")
    if options.configurationFiles.isEmpty, let file = source("config") {
      options.configurationFiles = [file.text]
    }
    if source("no-discovery") != nil {
      options.discovers = !isOn("no-discovery")
    }
    options.stateDirectory = source("state-dir")?.text
    options.theme = source("theme")?.text
    options.isColorless = isOn("no-color")
    options.isASCII = isOn("ascii")
    options.mouse = source("mouse") != nil ? isOn("mouse") : nil
    if let refresh = try duration("refresh") {
      guard Configuration.refreshRange.contains(refresh) else {
        throw notOfForm(
          source("refresh")?.label ?? "", DurationText.write(refresh), "a time from 100ms to 1m")
      }
      options.refresh = refresh
    }
    options.discovery = try discovery()
    options.letterStore = try letterStore()
    return options
  }

  func notOfForm(_ label: String, _ text: String, _ form: String) -> UsageError {
    error("\(label): '\(PlainText.clean(text))' is not \(form)")
  }

  func error(_ message: String) -> UsageError {
    UsageError(message: message, command: line.command == .dashboard ? nil : line.command)
  }
}

/// The arguments of a tool as an operator writes them.
enum ToolArguments {
  /// JSON or JSON5, an object; the result is plain JSON.
  static func read(
    _ bytes: [UInt8], from place: String, of command: CommandName = .call
  ) throws(UsageError) -> JSONText {
    let value: JSON5Value
    do throws(JSON5Error) { value = try JSON5Reader.read(bytes).root } catch {
      throw UsageError(
        message: "\(place), line \(error.position.line), column \(error.position.column): "
          + error.message, command: command, status: .badData)
    }
    guard value.members != nil else {
      throw UsageError(
        message: "\(place) must be an object such as {\"city\": \"Bern\"}, not \(value.kind)",
        command: command, status: .badData)
    }
    return value.json
  }
}

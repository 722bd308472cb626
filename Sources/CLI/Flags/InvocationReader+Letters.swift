import FleetModel
import Gateway
import Telemetry
import Wire

/// What concerns dead letters.
extension InvocationReader {
  func letterList() throws(UsageError) -> LetterListRequest {
    let limit = try count("limit", in: 1...ControlInterface.letterLimit)
    return LetterListRequest(
      choice: try letterChoice(needsOne: false), limit: limit ?? LetterListRequest.standardLimit,
      cursor: try cursor(), isJSON: line.has("json"))
  }

  func letterExport() throws(UsageError) -> LetterExportRequest {
    LetterExportRequest(
      choice: try letterChoice(needsOne: false), limit: try count("limit"), cursor: try cursor())
  }

  func letterReplay() throws(UsageError) -> LetterReplayRequest {
    var request = LetterReplayRequest(choice: try letterChoice())
    request.isForced = line.has("force")
    request.isDryRun = line.has("dry-run")
    request.waitsForBreaker = line.has("when-closed")
    if let text = line.value("pace") {
      guard let pace = Double(text), pace == 0 || ReplayOrder.paceRange.contains(pace) else {
        throw notOfForm("--pace", text, "letters a second, from 0.1 to 1000, or 0")
      }
      request.pace = pace == 0 ? nil : pace
    }
    request.arguments = try arguments(line.value("arguments"))
    guard request.arguments == nil || request.choice.ids.count == 1 else {
      throw error("--arguments are for one letter; name its id")
    }
    request.token = try token()
    request.isQuiet = line.has("quiet")
    request.isJSON = line.has("json")
    return request
  }

  /// nil for every replay, which must be said.
  func replayNumber() throws(UsageError) -> Int? {
    guard line.operands.isEmpty == line.has("all") else {
      throw error("which replay? name its number, or --all")
    }
    guard let text = line.operands.first else { return nil }
    guard let number = Int(text), number > 0 else {
      throw error("'\(PlainText.clean(text))' is no number of a replay, such as 3")
    }
    return number
  }

  func ids() throws(UsageError) -> [DeadLetterID] {
    var ids: [DeadLetterID] = []
    for text in line.operands {
      guard let id = DeadLetterID(checking: text) else {
        throw error(
          "'\(PlainText.clean(text))' is no id of a letter; 'mcpdash dlq list' shows them")
      }
      ids.append(id)
    }
    return ids
  }

  /// - Parameter needsOne: nobody means all letters by leaving a name out.
  func letterChoice(needsOne: Bool = true) throws(UsageError) -> LetterChoice {
    let hasFilter = FlagTable.ofFilters.contains { line.has($0.long) }
    let chosen = [!line.operands.isEmpty, hasFilter, line.has("all")].count { $0 }
    let takesIDs = !line.command.operands.isEmpty
    let ways = (takesIDs ? "ids, or " : "") + "flags such as --server SERVER, or --all"
    guard chosen <= 1, chosen == 1 || !needsOne else {
      throw error((chosen == 0 ? "which letters? give " : "too many choices; give ") + ways)
    }
    var choice = LetterChoice(ids: try ids())
    choice.since = try time("since")
    choice.before = try time("before")
    choice.filter.server = try filled("server").map { ServerID($0) }
    choice.filter.client = try filled("client")
    choice.filter.operation = try filled("operation").map(LetterCodec.method)
    choice.filter.target = try filled("tool")
    choice.filter.kind = try filled("kind")
    choice.filter.text = try filled("text")
    if line.has("state") {
      guard let states = ControlLetterFilter.states(line.values("state")) else {
        throw notOfForm("--state", words("state"), "one of \(ControlLetterFilter.stateForm)")
      }
      choice.filter.states = states
    }
    if line.has("delivery") {
      guard let deliveries = ControlLetterFilter.deliveries(line.values("delivery")) else {
        throw notOfForm(
          "--delivery", words("delivery"), "one of \(ControlLetterFilter.deliveryForm)")
      }
      choice.filter.deliveries = deliveries
    }
    return choice
  }

  private func cursor() throws(UsageError) -> DeadLetterCursor? {
    guard let text = line.value("after") else { return nil }
    guard let cursor = DeadLetterCursor(text) else {
      throw notOfForm("--after", text, "what an earlier list gave as its next")
    }
    return cursor
  }

  private func time(_ name: String) throws(UsageError) -> ControlTime? {
    guard let text = line.value(name) else { return nil }
    guard let time = ControlTime(text) else { throw notOfForm("--" + name, text, ControlTime.form) }
    return time
  }

  /// The flag's value, which must not be empty.
  private func filled(_ name: String) throws(UsageError) -> String? {
    guard let text = line.value(name) else { return nil }
    guard !text.isEmpty else { throw error("--\(name) needs a text that is not empty") }
    return text
  }

  private func words(_ name: String) -> String { line.values(name).joined(separator: ",") }

  // MARK: - The store

  /// Where dead letters are kept, as far as flags and environment say it.
  func letterStore() throws(UsageError) -> LetterStoreOptions {
    var options = LetterStoreOptions()
    options.file = line.value("dlq-file")
    if options.file != nil {
      for flag in ["redis", "redis-db", "redis-password-file"] where line.has(flag) {
        throw error("--dlq-file and --\(flag) are about two stores; give one")
      }
    }
    if options.file?.isEmpty == true { throw error("--dlq-file needs a path") }
    if options.file == nil, let (label, text) = source("redis") {
      guard let address = RedisAddressText(text) else {
        // It may hold a password.
        throw error("\(label) is not \(RedisAddressText.form)")
      }
      options.redis = address
      options.isRedisOfFlag = label == "--redis"
    }
    options.passwordFile = line.value("redis-password-file")
    if let password = environment["REDIS_PASSWORD"], !password.isEmpty {
      options.password = Secret(password)
    }
    if let text = line.value("redis-db") {
      options.database = try database(text, "--redis-db")
      options.isDatabaseOfFlag = true
    } else if let text = environment["REDIS_DB"], !text.isEmpty {
      options.database = try database(text, "REDIS_DB")
    }
    return options
  }

  private func database(_ text: String, _ label: String) throws(UsageError) -> Int {
    let range = RedisAddressText.databaseRange
    guard let number = Int(text), range.contains(number) else {
      throw notOfForm(
        label, text, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}

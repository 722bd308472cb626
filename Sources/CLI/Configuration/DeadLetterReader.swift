import FleetModel

/// Reads the object `deadLetters` of a file.
///
/// A mistake in it starts nothing: calls must not be kept in a place, or for a time, that nobody
/// meant.
struct DeadLetterReader {
  static let keys = ["path", "redis", "ttl", "limit", "secrets", "processor"]
  static let redisKeys = ["address", "user", "password", "database", "tls"]
  static let processorKeys = ["enabled", "every", "rules"]
  static let ruleKeys = ["server", "tool", "kind", "delivery", "olderThan", "maxReplays"]
  static let secretKeys = ["name", "value"]

  let values: SettingsReader

  /// Sets what is still unset.
  func read(
    _ spot: Spot, into settings: inout DeadLetterSettings, _ report: inout ConfigurationReport
  ) {
    guard let members = members(spot, "{path: \"…\", ttl: \"7d\"}", Self.keys, &report) else {
      return
    }
    readPlace(spot, into: &settings, &report)
    for (key, value) in members {
      switch key {
      case "ttl":
        let range = DeadLetterSettings.lifetimeRange
        let duration = values.duration(value, in: range, isBorne: false, &report)
        settings.lifetime = settings.lifetime ?? duration
      case "limit":
        let limit = whole(value, DeadLetterSettings.entryLimitRange, &report)
        settings.entryLimit = settings.entryLimit ?? limit
      case "secrets": readSecrets(value, into: &settings, &report)
      case "processor": readProcessor(value, into: &settings, &report)
      default: break
      }
    }
  }

  // MARK: - The store

  private func readPlace(
    _ spot: Spot, into settings: inout DeadLetterSettings, _ report: inout ConfigurationReport
  ) {
    var found: (place: DeadLetterSettings.Place, key: String)?
    if let path = spot["path"], let text = values.text(path, isBorne: false, &report) {
      found = (.file(FilePath.resolve(text, beside: spot.file, values.expansion)), "path")
    }
    if let redis = spot["redis"] {
      guard spot["path"] == nil else {
        report.fail(redis, "path and redis are two stores; write one of them")
        return
      }
      if let address = self.redis(redis, &report) { found = (.redis(address), "redis") }
    }
    guard settings.place == nil, let found else { return }
    settings.place = found.place
    settings.origin = "\(spot.file): \(spot.path).\(found.key)"
  }

  private func redis(
    _ spot: Spot, _ report: inout ConfigurationReport
  ) -> RedisAddressText? {
    guard members(spot, "{address: \"localhost:6379\"}", Self.redisKeys, &report) != nil else {
      return nil
    }
    var address = RedisAddressText(
      .network("localhost", port: RedisAddressText.standardPort))
    if let value = spot["address"] {
      guard let text = values.text(value, isBorne: false, &report) else { return nil }
      guard let read = RedisAddressText(text) else {
        // It may hold a password.
        report.fail(value, "is not \(RedisAddressText.form)")
        return nil
      }
      address = read
    }
    if let value = spot["user"] { address.user = values.text(value, isBorne: false, &report) }
    if let value = spot["password"] {
      address.password = values.text(value, isBorne: false, &report).map { Secret($0) }
    }
    if let value = spot["database"] {
      address.database = whole(value, RedisAddressText.databaseRange, &report)
    }
    if let value = spot["tls"], let flag = values.flag(value, isBorne: false, &report) {
      address.usesTLS = flag
    }
    return address
  }

  // MARK: - Secrets

  private func readSecrets(
    _ spot: Spot, into settings: inout DeadLetterSettings, _ report: inout ConfigurationReport
  ) {
    guard let elements = spot.elements, elements.count <= DeadLetterSettings.secretLimit else {
      report.fail(
        spot,
        "must be an array such as [\"pin\", {name: \"key\", value: \"${KEY}\"}] of at most "
          + "\(DeadLetterSettings.secretLimit)")
      return
    }
    for element in elements {
      guard let field = secret(element, &report) else { continue }
      let name = field.name.lowercased()
      guard !settings.secrets.contains(where: { $0.name.lowercased() == name }) else { continue }
      settings.secrets.append(field)
    }
  }

  private func secret(_ spot: Spot, _ report: inout ConfigurationReport) -> SecretField? {
    if spot.value.string != nil {
      return values.text(spot, isBorne: false, &report).map { SecretField($0) }
    }
    guard members(spot, "{name: \"key\", value: \"${KEY}\"}", Self.secretKeys, &report) != nil
    else { return nil }
    guard let name = spot["name"] else {
      report.fail(spot, "has no name; write {name: \"key\", value: \"${KEY}\"}")
      return nil
    }
    guard let text = values.text(name, isBorne: false, &report) else { return nil }
    var field = SecretField(text)
    if let value = spot["value"] {
      guard let secret = values.text(value, isBorne: false, &report) else { return nil }
      field.value = Secret(secret)
    }
    return field
  }

  // MARK: - The processor

  private func readProcessor(
    _ spot: Spot, into settings: inout DeadLetterSettings, _ report: inout ConfigurationReport
  ) {
    guard members(spot, "{enabled: true, every: \"5m\"}", Self.processorKeys, &report) != nil
    else { return }
    if let value = spot["enabled"] {
      let flag = values.flag(value, isBorne: false, &report)
      settings.processorIsOn = settings.processorIsOn ?? flag
    }
    if let value = spot["every"] {
      let range = DeadLetterSettings.intervalRange
      let duration = values.duration(value, in: range, isBorne: false, &report)
      settings.processorInterval = settings.processorInterval ?? duration
    }
    guard let value = spot["rules"] else { return }
    guard let elements = value.elements, elements.count <= DeadLetterSettings.ruleLimit else {
      report.fail(
        value,
        "must be an array such as [{server: \"search\", delivery: \"notSent\"}] of at most "
          + "\(DeadLetterSettings.ruleLimit)")
      return
    }
    let rules = elements.compactMap { rule($0, &report) }
    settings.processorRules = settings.processorRules ?? rules
  }

  private func rule(
    _ spot: Spot, _ report: inout ConfigurationReport
  ) -> LetterProcessor.Rule? {
    let example = "{server: \"search\", delivery: \"notSent\"}"
    guard members(spot, example, Self.ruleKeys, &report) != nil else { return nil }
    var rule = LetterProcessor.Rule()
    func text(_ key: String) -> String? {
      spot[key].flatMap { values.text($0, isBorne: false, &report) }
    }
    rule.server = text("server").map { ServerID($0) }
    rule.tool = text("tool")
    rule.kind = text("kind")
    if let value = spot["delivery"] {
      let elements = value.elements ?? [value]
      let deliveries = elements.compactMap {
        $0.value.string.flatMap { Delivery(rawValue: $0) }
      }
      guard deliveries.count == elements.count, !deliveries.isEmpty else {
        let words = Delivery.allCases.map(\.rawValue).joined(separator: ", ")
        report.fail(value, "\(value.value.shown) is not one of \(words), or an array of them")
        return nil
      }
      rule.deliveries = Set(deliveries)
    }
    if let value = spot["olderThan"],
      let age = values.duration(
        value, in: DeadLetterSettings.ageRange, isBorne: false, &report)
    {
      rule.minimumAge = age
    }
    if let value = spot["maxReplays"],
      let limit = whole(value, DeadLetterSettings.replayLimitRange, &report)
    {
      rule.replayLimit = limit
    }
    return rule
  }

  // MARK: - Values

  /// nil when it is no object; unknown keys are told.
  private func members(
    _ spot: Spot, _ example: String, _ keys: [String], _ report: inout ConfigurationReport
  ) -> [(key: String, spot: Spot)]? {
    guard let members = spot.members else {
      report.fail(spot, "must be an object such as \(example), not \(spot.value.kind)")
      return nil
    }
    for (key, value) in members where !keys.contains(key) {
      report.warn(value, "unknown key '\(key)'" + Suggestion.phrase(for: key, among: keys))
    }
    return members
  }

  /// A number, or a text that holds one, for that may be a variable.
  private func whole(
    _ spot: Spot, _ range: ClosedRange<Int>, _ report: inout ConfigurationReport
  ) -> Int? {
    var number: Int?
    if spot.value.string != nil {
      guard let text = values.text(spot, isBorne: false, &report) else { return nil }
      number = Int(text)
    } else {
      number = spot.value.number.flatMap { Int(exactly: $0) }
    }
    guard let number, range.contains(number) else {
      report.fail(
        spot,
        "\(spot.value.shown) is not a whole number from \(range.lowerBound) to \(range.upperBound)")
      return nil
    }
    return number
  }
}

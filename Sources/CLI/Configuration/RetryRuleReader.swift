import FleetModel

/// Reads `[{on: [429, "5xx", "timeout"], tool: "search_*", then: "retry", retries: 5}]`.
enum RetryRuleReader {
  enum Then: String, CaseIterable { case retry, giveUp, deadLetter, fallBack }

  static let ruleLimit = 100
  /// Causes of one rule.
  static let causeLimit = 100
  static let ownKeys = ["on", "code", "tool", "then"]
  private static let keys = ownKeys + PolicyField.schedule.map(\.name)
  private static let statusRange = 100...599
  private static let codeRange = Int(Int32.min)...Int(Int32.max)

  /// nil when one of them is broken.
  /// - Parameter base: the schedule that a rule's own keys change.
  static func rules(
    _ spot: Spot, base: RetrySchedule, _ faults: inout PolicyFaults
  ) -> [RetryRule]? {
    guard let elements = spot.elements else {
      faults.add(
        spot,
        "must be an array such as [{on: [429], retries: 5}], not \(spot.value.kind)")
      return nil
    }
    guard elements.count <= ruleLimit else {
      faults.add(spot, "has \(elements.count) rules; at most \(ruleLimit) are read")
      return nil
    }
    let before = faults.count
    let rules = elements.compactMap { rule($0, base: base, &faults) }
    return faults.count == before ? rules : nil
  }

  /// nil where it makes no sense, which is reported.
  private static func rule(
    _ spot: Spot, base: RetrySchedule, _ faults: inout PolicyFaults
  ) -> RetryRule? {
    guard let members = spot.members else {
      faults.add(spot, "must be an object such as {on: [429], retries: 5}, not \(spot.value.kind)")
      return nil
    }
    for (key, value) in members where !keys.contains(key) {
      faults.addUnknown("key", key, at: value, among: keys)
    }
    var causes: [FailureCause] = []
    if let on = spot["on"] {
      causes += items(of: on, "failure", &faults).compactMap { cause($0, &faults) }
    }
    if let code = spot["code"] {
      causes += items(of: code, "code", &faults).compactMap { self.code($0, &faults) }
    }
    var target = NamePattern.any
    if let tool = spot["tool"] {
      guard let pattern = NamePattern.written(tool, &faults) else { return nil }
      target = pattern
    }
    return action(spot, base: base, &faults).map {
      RetryRule(causes: causes, target: target, action: $0)
    }
  }

  // MARK: - What happened

  private static func items(
    of spot: Spot, _ noun: String, _ faults: inout PolicyFaults
  ) -> [Spot] {
    let items = spot.elements ?? [spot]
    if items.isEmpty { faults.add(spot, "is empty; name a \(noun), or leave it out for all") }
    guard items.count <= causeLimit else {
      faults.add(spot, "has \(items.count) of them; at most \(causeLimit) are read")
      return []
    }
    return items
  }

  private static func cause(_ spot: Spot, _ faults: inout PolicyFaults) -> FailureCause? {
    if let range = status(spot.value) { return .status(range) }
    let word = spot.value.string ?? ""
    if let kind = FailureCause.kinds.first(where: { $0.name == word })?.kind {
      return .kind(kind)
    }
    let words = FailureCause.kinds.map(\.name)
    faults.add(
      spot,
      "\(spot.value.shown) is no HTTP status from \(statusRange.lowerBound) to"
        + " \(statusRange.upperBound) (429, '5xx', '500-503') and not one of "
        + words.joined(separator: ", ") + Suggestion.phrase(for: word, among: words))
    return nil
  }

  private static func status(_ value: JSON5Value) -> ClosedRange<Int>? {
    let range: ClosedRange<Int>?
    if let text = value.string {
      if text.count == 3, text.hasSuffix("xx"), let hundreds = Int(text.prefix(1)) {
        range = hundreds * 100...hundreds * 100 + 99
      } else {
        range = self.range(text, separator: "-")
      }
    } else {
      range = value.number.flatMap { Int(exactly: $0) }.map { $0...$0 }
    }
    return range.flatMap { statusRange.contains($0) ? $0 : nil }
  }

  private static func code(_ spot: Spot, _ faults: inout PolicyFaults) -> FailureCause? {
    let range =
      spot.value.string.flatMap { self.range($0, separator: "..") }
      ?? spot.value.number.flatMap { Int(exactly: $0) }.map { $0...$0 }
    if let range, codeRange.contains(range) { return .code(range) }
    faults.add(
      spot,
      "\(spot.value.shown) is no JSON-RPC error code such as -32603 and no range such as"
        + " '-32099..-32000'")
    return nil
  }

  /// `500-503`, or one number.
  private static func range(_ text: String, separator: String) -> ClosedRange<Int>? {
    if let number = Int(text) { return number...number }
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count == 2, let low = Int(parts[0]), let high = Int(parts[1]), low <= high
    else { return nil }
    return low...high
  }

  // MARK: - What to do

  private static func action(
    _ spot: Spot, base: RetrySchedule, _ faults: inout PolicyFaults
  ) -> RetryRule.Action? {
    let written = PolicyField.schedule.compactMap { spot[$0.name] }
    let then: Then
    if let word = spot["then"] {
      let words = Then.allCases.map(\.rawValue)
      guard let chosen = word.value.string.flatMap({ Then(rawValue: $0) }) else {
        let suggestion = Suggestion.phrase(for: word.value.string ?? "", among: words)
        faults.add(
          word,
          "\(word.value.shown) is not one of \(words.joined(separator: ", "))" + suggestion)
        return nil
      }
      then = chosen
    } else if written.isEmpty {
      faults.add(spot, "says not what to do; write then, or a schedule such as retries: 5")
      return nil
    } else {
      then = .retry
    }
    if then != .retry {
      for value in written { faults.add(value, "belongs to then: \"retry\"; remove it") }
    }
    return switch then {
    case .retry: .retry(schedule(spot, base: base, &faults))
    case .giveUp: .giveUp
    case .deadLetter: .deadLetter
    case .fallBack: .fallBack
    }
  }

  private static func schedule(
    _ spot: Spot, base: RetrySchedule, _ faults: inout PolicyFaults
  ) -> RetrySchedule {
    for field in PolicyField.schedule {
      if let value = spot[field.name] {
        PolicyReader.check(field, value, beside: spot, &faults)
      }
    }
    var policies = Policies()
    policies.retry.schedule = base
    PolicyReader.apply(PolicyField.schedule, of: spot, to: &policies)
    var schedule = policies.retry.schedule
    guard schedule.initialDelay > schedule.delayCap else { return schedule }
    // Of what the server's schedule and the rule say about delays, the rule's word counts.
    switch (spot["initialDelay"], spot["maxDelay"]) {
    case (let initial?, .some):
      faults.add(
        initial,
        "\(initial.value.shown) is not a duration from 0s to "
          + "\(DurationText.write(schedule.delayCap)), which is maxDelay here")
    case (.some, nil): schedule.delayCap = schedule.initialDelay
    case (nil, _): schedule.initialDelay = schedule.delayCap
    }
    return schedule
  }
}

extension ClosedRange where Bound == Int {
  fileprivate func contains(_ other: ClosedRange<Int>) -> Bool {
    contains(other.lowerBound) && contains(other.upperBound)
  }
}

extension NamePattern {
  /// Characters of a pattern.
  private static let lengthLimit = 256

  /// nil for what is no pattern, which is reported.
  static func written(_ spot: Spot, _ faults: inout PolicyFaults) -> NamePattern? {
    guard let text = spot.value.string, (1...lengthLimit).contains(text.count) else {
      faults.add(
        spot,
        "\(spot.value.shown) is no name of a tool or pattern such as 'search_*', of 1 to"
          + " \(lengthLimit) characters")
      return nil
    }
    return NamePattern(text)
  }
}

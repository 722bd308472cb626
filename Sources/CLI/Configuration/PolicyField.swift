import FleetModel

/// One number, time or choice of the policies: its name in the file, what it may be, where it goes.
///
/// The table below is all there is to know about policies in files: reader, messages and
/// documentation are made of it.
struct PolicyField: Sendable {
  enum Target: Sendable {
    case count(any WritableKeyPath<Policies, Int> & Sendable, ClosedRange<Int>)
    case ratio(any WritableKeyPath<Policies, Double> & Sendable, ClosedRange<Double>)
    case time(any WritableKeyPath<Policies, Duration> & Sendable, ClosedRange<Duration>)
    case flag(any WritableKeyPath<Policies, Bool> & Sendable)
    /// The words, and how the chosen one is set.
    case choice(
      [String], set: @Sendable (inout Policies, Int) -> Void, get: @Sendable (Policies) -> String)
    case nested(Nested)
  }

  /// What has an inside, and therefore a reader, of its own.
  enum Nested: Sendable {
    case rules, tools
  }

  var group: String
  var name: String
  var target: Target
  /// One line for the documentation.
  var summary: String
  /// How many child processes a server has is never a default for all servers: two processes of one
  /// stateful server would disagree. For stdio it counts only where the server is named.
  var isPerServerOnStdio = false
  /// Another field of the group that says the same in another way.
  var rival: String?
  /// A mistake in it may have been meant as a limit on sending a call twice.
  var decidesDelivery = false

  static let groups = [
    "retry", "breaker", "pool", "cache", "health", "load", "failover", "session",
  ]

  static func fields(of group: String) -> [PolicyField] { all.filter { $0.group == group } }
}

extension PolicyField {
  /// What may be written there, for messages and the documentation.
  var form: String {
    switch target {
    case .count(_, let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .ratio(_, let range):
      "a number from \(Self.plain(range.lowerBound)) to \(Self.plain(range.upperBound))"
    case .time(_, let range):
      "a duration from \(DurationText.write(range.lowerBound)) to "
        + DurationText.write(range.upperBound)
    case .flag: "true or false"
    case .choice(let words, _, _): "one of " + words.joined(separator: ", ")
    case .nested(.rules): "an array, see below"
    case .nested(.tools): "an object, see below"
    }
  }

  /// Its value in some policies, as it would be written.
  func text(in policies: Policies) -> String {
    switch target {
    case .count(let path, _): String(policies[keyPath: path])
    case .ratio(let path, _): Self.plain(policies[keyPath: path])
    case .time(let path, _): DurationText.write(policies[keyPath: path])
    case .flag(let path): String(policies[keyPath: path])
    case .choice(_, _, let get): get(policies)
    case .nested(.rules): Self.amount(policies.retry.rules.count)
    case .nested(.tools): Self.amount(policies.retry.toolDelivery.count)
    }
  }

  /// Sets it; false when the value is not of the form. What is nested is left to its own reader.
  func set(_ value: JSON5Value, in policies: inout Policies) -> Bool {
    switch target {
    case .count(let path, let range):
      guard let number = value.number.flatMap({ Int(exactly: $0) }), range.contains(number)
      else { return false }
      policies[keyPath: path] = number
    case .ratio(let path, let range):
      guard let number = value.number, range.contains(number) else { return false }
      policies[keyPath: path] = number
    case .time(let path, let range):
      guard let duration = value.duration, range.contains(duration) else { return false }
      policies[keyPath: path] = duration
    case .flag(let path):
      guard let flag = value.bool else { return false }
      policies[keyPath: path] = flag
    case .choice(let words, let set, _):
      guard let index = value.string.flatMap(words.firstIndex) else { return false }
      set(&policies, index)
    case .nested: break
    }
    return true
  }

  private static func amount(_ count: Int) -> String { count == 0 ? "none" : String(count) }

  private static func plain(_ number: Double) -> String {
    Int(exactly: number).map { String($0) } ?? String(number)
  }
}

extension JSON5Value {
  /// `"30s"`, or a number of seconds.
  var duration: Duration? {
    switch content {
    case .string(let text): DurationText.read(text)
    case .number(let seconds, _): DurationText.duration(seconds)
    case .object, .array, .bool, .null: nil
    }
  }
}

package import FleetModel
import Wire

/// Which dead letters are meant, as query parameters, members of a body and flags have it.
package enum ControlLetterFilter {
  /// Its fields; those of `lists` may have several words.
  static let fields = [
    "state", "server", "client", "operation", "tool", "kind", "delivery", "since", "before", "text",
  ]
  static let lists = ["state", "delivery"]

  package static let stateForm =
    DeadLetter.State.allCases.map(\.rawValue).joined(separator: ", ")
    + ", several of them with commas between, or any"
  package static let deliveryForm =
    Delivery.allCases.map(\.rawValue).joined(separator: ", ")
    + ", or several of them with commas between"

  /// Every state.
  private static let any = "any"

  /// Nil when a word is no state.
  package static func states(_ words: [String]) -> Set<DeadLetter.State>? {
    let words = words.flatMap(split)
    guard words != [any] else { return Set(DeadLetter.State.allCases) }
    let states = words.compactMap { DeadLetter.State(rawValue: $0) }
    return states.count == words.count && !states.isEmpty ? Set(states) : nil
  }

  /// Nil when a word is none; `not-sent` is as good as `notSent`.
  package static func deliveries(_ words: [String]) -> Set<Delivery>? {
    func plain(_ text: String) -> String { text.replacing("-", with: "").lowercased() }
    let words = words.flatMap(split)
    let deliveries = words.compactMap { word in
      Delivery.allCases.first { plain($0.rawValue) == plain(word) }
    }
    return deliveries.count == words.count && !deliveries.isEmpty ? Set(deliveries) : nil
  }

  private static func split(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
  }

  // MARK: Reading

  /// Nil when no field says anything.
  static func read(
    _ source: some ControlFields, now: Timestamp
  ) throws(ControlError) -> DeadLetterFilter? {
    guard fields.contains(where: { source.has($0) }) else { return nil }
    var filter = DeadLetterFilter()
    if source.has("state") {
      let words = try source.words("state")
      guard let states = states(words) else {
        throw source.wrong("state", "give \(stateForm)")
      }
      filter.states = states
    }
    if source.has("delivery") {
      let words = try source.words("delivery")
      guard let deliveries = deliveries(words) else {
        throw source.wrong("delivery", "give \(deliveryForm)")
      }
      filter.deliveries = deliveries
    }
    filter.server = try source.text("server").map { ServerID($0) }
    filter.client = try source.text("client")
    filter.operation = try source.text("operation").map(LetterCodec.method)
    filter.target = try source.text("tool")
    filter.kind = try source.text("kind")
    filter.since = try time("since", source, now)
    filter.before = try time("before", source, now)
    filter.text = try source.text("text")
    return filter
  }

  private static func time(
    _ field: String, _ source: some ControlFields, _ now: Timestamp
  ) throws(ControlError) -> Timestamp? {
    guard let text = try source.text(field) else { return nil }
    guard let time = ControlTime(text) else {
      throw source.wrong(field, "give \(ControlTime.form)")
    }
    return time.timestamp(now: now)
  }

  // MARK: Writing

  /// The fields that `read` reads back to the same filter; none for all open letters.
  static func write(_ filter: DeadLetterFilter) -> [(field: String, values: [String])] {
    var written: [(field: String, values: [String])] = []
    func add(_ field: String, _ value: String?) {
      if let value { written.append((field, [value])) }
    }
    if filter.states != DeadLetter.State.open {
      let all = DeadLetter.State.allCases
      let states = all.filter { filter.states.contains($0) }.map(\.rawValue)
      written.append(("state", states.count == all.count ? [any] : states))
    }
    add("server", filter.server?.name)
    add("client", filter.client)
    add("operation", filter.operation)
    add("tool", filter.target)
    add("kind", filter.kind)
    if let deliveries = filter.deliveries {
      let words = Delivery.allCases.filter { deliveries.contains($0) }.map(\.rawValue)
      written.append(("delivery", words))
    }
    add("since", filter.since?.rfc3339)
    add("before", filter.before?.rfc3339)
    add("text", filter.text)
    return written
  }
}

/// Where the fields of a request are: its query, or its body.
protocol ControlFields {
  func has(_ field: String) -> Bool
  /// - Returns: never an empty text.
  func text(_ field: String) throws(ControlError) -> String?
  /// Of a field that may have several; never empty ones.
  func words(_ field: String) throws(ControlError) -> [String]
  /// The error that says what is there.
  func wrong(_ field: String, _ cure: String) -> ControlError
}

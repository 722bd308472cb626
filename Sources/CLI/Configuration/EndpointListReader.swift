import FleetModel

/// Reads all endpoints of an entry: its own `url` or `command`, then those under `endpoints`.
struct EndpointListReader {
  static let limit = 16
  static let priorityRange = 0...1000
  /// Characters of a name or a locality.
  static let nameLimit = 80
  /// What an element has besides the keys of a single endpoint.
  static let ownKeys = ["name", "priority", "locality"]
  private static let keys = EndpointReader.keys + ownKeys

  let server: ServerID
  let spot: Spot
  let context: FileContext
  private(set) var report = ConfigurationReport()

  init(server: ServerID, spot: Spot, context: FileContext) {
    self.server = server
    self.spot = spot
    self.context = context
  }

  /// In the order of the file, each name once; empty when none can be used: the report says why.
  mutating func read() -> [EndpointChoice] {
    guard let list = spot["endpoints"] else {
      return endpoint(spot).map { [EndpointChoice(name: "", endpoint: $0)] } ?? []
    }
    var written: [(name: Spot?, choice: EndpointChoice)] = []
    if spot["url"] != nil || spot["command"] != nil {
      if let own = endpoint(spot) {
        written.append((nil, EndpointChoice(name: "", endpoint: own)))
      }
    } else {
      for key in EndpointReader.keys {
        guard let stray = spot[key] else { continue }
        fail(stray, "belongs to a url or a command; write it in each of endpoints")
      }
    }
    guard let elements = list.elements, !elements.isEmpty else {
      fail(list, "must be an array such as [{url: \"https://a.example/mcp\"}] that is not empty")
      return []
    }
    guard elements.count <= Self.limit else {
      fail(list, "has \(elements.count) endpoints; at most \(Self.limit) are read")
      return []
    }
    for element in elements {
      if let choice = choice(element) { written.append((element["name"], choice)) }
    }
    return report.errors.isEmpty ? named(written) : []
  }

  private mutating func choice(_ element: Spot) -> EndpointChoice? {
    for (key, value) in element.members ?? [] where !Self.keys.contains(key) {
      let suggestion = Suggestion.phrase(for: key, among: Self.keys)
      fail(value, "unknown key '\(key)'" + suggestion)
    }
    guard element.members != nil else {
      fail(element, "must be an object with command or url, not \(element.value.kind)")
      return nil
    }
    var priority = 0
    if let value = element["priority"] {
      guard let number = value.value.number.flatMap({ Int(exactly: $0) }),
        Self.priorityRange.contains(number)
      else {
        fail(
          value,
          "\(value.value.shown) is not a whole number from \(Self.priorityRange.lowerBound) to"
            + " \(Self.priorityRange.upperBound)")
        return nil
      }
      priority = number
    }
    let name = element["name"].flatMap { text($0) } ?? ""
    let locality = element["locality"].flatMap { text($0) }
    return endpoint(element).map {
      EndpointChoice(name: name, endpoint: $0, priority: priority, locality: locality)
    }
  }

  private mutating func endpoint(_ spot: Spot) -> Endpoint? {
    var reader = EndpointReader(server: server, spot: spot, context: context)
    let endpoint = reader.read()
    report.append(reader.report)
    return endpoint
  }

  /// A name or a locality.
  private mutating func text(_ spot: Spot) -> String? {
    let text: String?
    do throws(VariableExpansion.Failure) {
      text = try spot.value.string.map { written throws(VariableExpansion.Failure) in
        try context.expansion.expand(written)
      }
    } catch {
      fail(spot, error.message)
      return nil
    }
    guard let text, (1...Self.nameLimit).contains(text.count),
      !text.unicodeScalars.contains(where: { $0.properties.isNoName })
    else {
      fail(spot, "must be text of 1 to \(Self.nameLimit) characters without control characters")
      return nil
    }
    return text
  }

  /// Gives a name to those without one; a name that the operator wrote twice is an error.
  private mutating func named(
    _ written: [(name: Spot?, choice: EndpointChoice)]
  ) -> [EndpointChoice] {
    var taken: Set<String> = []
    for (spot, choice) in written {
      if let spot, !taken.insert(choice.name).inserted {
        fail(spot, "'\(choice.name)' is the name of another endpoint; choose another")
      }
    }
    guard report.errors.isEmpty else { return [] }
    return written.map { spot, choice in
      guard spot == nil else { return choice }
      var choice = choice
      let name = String(choice.endpoint.place.prefix(Self.nameLimit))
      var number = 1
      choice.name = name
      while !taken.insert(choice.name).inserted {
        number += 1
        choice.name = "\(name) (\(number))"
      }
      return choice
    }
  }

  private mutating func fail(_ spot: Spot, _ message: String) {
    report.fail(spot, message, server: server)
  }
}

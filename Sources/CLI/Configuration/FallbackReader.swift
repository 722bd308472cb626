import FleetModel

/// A fallback and the place of what it names.
struct WrittenFallback: Hashable, Sendable {
  var fallback: Fallback
  var spot: Spot

  /// The other server it needs; nil when it needs none.
  var server: ServerID? {
    switch fallback.source {
    case .tool(let server, _): server
    case .answer, .staleCache: nil
    }
  }
}

/// Reads `[{tool: "weather*", answer: {…}}, {tool: "find", server: "other", as: "search"}]`.
enum FallbackReader {
  static let limit = 100
  static let keys = ["tool", "answer", "text", "server", "as", "cache"]
  private static let sources = ["answer", "text", "server", "cache"]

  /// nil when one of them is broken.
  static func fallbacks(_ spot: Spot, _ faults: inout PolicyFaults) -> [WrittenFallback]? {
    guard let elements = spot.elements else {
      faults.add(
        spot,
        "fallbacks must be an array such as [{tool: \"weather*\", cache: true}], not "
          + spot.value.kind)
      return nil
    }
    guard elements.count <= limit else {
      faults.add(spot, "has \(elements.count) fallbacks; at most \(limit) are read")
      return nil
    }
    let before = faults.count
    let fallbacks = elements.compactMap { fallback($0, &faults) }
    return faults.count == before ? fallbacks : nil
  }

  private static func fallback(_ spot: Spot, _ faults: inout PolicyFaults) -> WrittenFallback? {
    guard let members = spot.members else {
      faults.add(
        spot,
        "must be an object such as {tool: \"weather*\", cache: true}, not \(spot.value.kind)")
      return nil
    }
    for (key, value) in members where !keys.contains(key) {
      faults.addUnknown("key", key, at: value, among: keys)
    }
    guard let tool = spot["tool"] else {
      faults.add(spot, "needs tool: what it stands in for, such as 'weather*', or '*' for all")
      return nil
    }
    let given = sources.filter { spot[$0] != nil }
    guard let key = given.first, given.count == 1, let value = spot[key] else {
      faults.add(spot, "needs exactly one of \(sources.joined(separator: ", "))")
      return nil
    }
    if let other = spot["as"], key != "server" {
      faults.add(other, "belongs to server; remove it")
    }
    guard let target = NamePattern.written(tool, &faults),
      let source = source(key, value, as: spot["as"], &faults)
    else { return nil }
    return WrittenFallback(fallback: Fallback(target: target, source: source), spot: value)
  }

  private static func source(
    _ key: String, _ value: Spot, as other: Spot?, _ faults: inout PolicyFaults
  ) -> Fallback.Source? {
    switch key {
    case "answer":
      guard value.value.members != nil else {
        faults.add(value, "must be a result object such as {content: []}, not \(value.value.kind)")
        return nil
      }
      return .answer(value.value.json)
    case "text":
      guard let text = value.value.string else {
        faults.add(value, "must be a string, not \(value.value.kind); put it in quotes")
        return nil
      }
      return .answer(result(of: text))
    case "server":
      guard let name = value.value.string, !name.isEmpty else {
        faults.add(value, "must be the name of another server")
        return nil
      }
      if let other, other.value.string?.isEmpty ?? true {
        faults.add(other, "must be the name of a tool of '\(name)'")
        return nil
      }
      return .tool(ServerID(name), other?.value.string)
    default:
      guard value.value.bool == true else {
        faults.add(value, "\(value.value.shown) is not true; write that, or remove it")
        return nil
      }
      return .staleCache
    }
  }

  /// A tool's result with one text.
  private static func result(of text: String) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.member(
        "content",
        array: { list in
          list.object {
            $0.member("type", "text")
            $0.member("text", text)
          }
        })
    }
    return writer.json
  }
}

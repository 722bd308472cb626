import FleetModel
import Wire

/// The dead letters that a request means: their ids, the fields of a filter, or all that are open.
enum ControlLetterChoice {
  /// Of a body.
  static let fields = ["ids", "all"] + ControlLetterFilter.fields
  /// Of a query; the lists may be given again.
  static let parameters = ["ids"] + ControlLetterFilter.fields
  static let lists = ["ids"] + ControlLetterFilter.lists

  static let example = #"{"ids": ["…"]}, {"server": "search", "kind": "503"} or {"all": true}"#

  /// Nobody means all letters by leaving something out: it must be said.
  static func read(
    _ body: ControlBody, now: Timestamp
  ) throws(ControlError) -> DeadLetterSelection {
    var choices: [DeadLetterSelection] = []
    if let ids = try body.ids("ids") { choices.append(.ids(ids)) }
    if let filter = try ControlLetterFilter.read(body, now: now) {
      choices.append(.matching(filter))
    }
    if let all = try body.flag("all") {
      guard all else { throw .badValue(field: "all", value: "false", cure: "give true") }
      choices.append(.all)
    }
    guard let choice = choices.first, choices.count == 1 else {
      throw .badValue(
        field: "body", value: body.text,
        cure: "give ids, or fields of a filter, or all, such as \(example)")
    }
    return choice
  }

  /// All open letters where nothing is given.
  static func read(
    _ target: ControlTarget, now: Timestamp
  ) throws(ControlError) -> DeadLetterSelection {
    let filter = try ControlLetterFilter.read(target, now: now)
    let texts = target.has("ids") ? try target.words("ids") : []
    guard !texts.isEmpty else { return filter.map { .matching($0) } ?? .all }
    guard filter == nil else {
      throw target.wrong("ids", "give either ids or the fields of a filter")
    }
    var ids: [DeadLetterID] = []
    for text in texts {
      guard let id = DeadLetterID(checking: text) else {
        throw .badValue(field: "ids", value: text, cure: "give ids of 1 to 512 bytes")
      }
      ids.append(id)
    }
    return .ids(ids)
  }

  static func write(_ selection: DeadLetterSelection, to writer: inout JSONWriter) {
    switch selection {
    case .ids(let ids):
      writer.key("ids")
      writer.array { writer in
        for id in ids { writer.value(id.description) }
      }
    case .matching(let filter):
      let written = ControlLetterFilter.write(filter)
      for (field, values) in written {
        writer.key(field)
        if ControlLetterFilter.lists.contains(field) {
          writer.array { writer in for value in values { writer.value(value) } }
        } else {
          writer.value(values.joined())
        }
      }
      if written.isEmpty { writer.member("all", true) }
    }
  }

  /// `server=search`, percent-encoded.
  static func query(_ selection: DeadLetterSelection) -> [String] {
    switch selection {
    case .ids(let ids): ids.map { "ids=" + PercentCoding.encode($0.description) }
    case .matching(let filter):
      ControlLetterFilter.write(filter).map { field, values in
        "\(field)=" + PercentCoding.encode(values.joined(separator: ","))
      }
    }
  }
}

import FleetModel

/// The body of `POST /dead-letters/replay` and `/discard`: exactly one of `ids`, `server` and
/// `all`, and `force`, which means nothing to a discard.
struct ControlLetterChoice {
  var selection: DeadLetterSelection
  var force: Bool

  /// The one server it names.
  var server: ServerID? {
    switch selection {
    case .ids: nil
    case .matching(let filter): filter.server
    }
  }

  private static let example = #"{"ids": ["…"]}, {"server": "search"} or {"all": true}"#

  init(_ bytes: [UInt8]) throws(ControlError) {
    let body = try ControlBody(
      bytes, fields: ["ids", "server", "all", "force"], example: Self.example)
    var choices: [DeadLetterSelection] = []
    if let ids = try body.ids("ids") { choices.append(.ids(ids)) }
    if let server = try body.text("server") { choices.append(.server(ServerID(server))) }
    if let all = try body.flag("all") {
      guard all else { throw .badValue(field: "all", value: "false", cure: "give true") }
      choices.append(.all)
    }
    guard let choice = choices.first, choices.count == 1 else {
      throw .badValue(
        field: "body", value: String(decoding: bytes, as: UTF8.self),
        cure: "give exactly one of ids, server and all, such as \(Self.example)")
    }
    selection = choice
    force = try body.flag("force") ?? false
  }
}

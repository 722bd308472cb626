import FleetModel

/// The body of `POST /cache/clear`: nothing for all, `server` for its answers, and with `key` one.
enum ControlCacheChoice {
  private static let example = #"{"server": "search", "key": "tools/list"}"#

  static func read(_ bytes: [UInt8]) throws(ControlError) -> CacheSelection {
    guard !bytes.isEmpty else { return .all }
    let body = try ControlBody(bytes, fields: ["server", "key"], example: example)
    let key = try body.text("key")
    guard let server = try body.text("server") else {
      guard let key else { return .all }
      throw .badValue(field: "key", value: key, cure: "name its server too, such as \(example)")
    }
    return key.map { .entry(ServerID(server), $0) } ?? .server(ServerID(server))
  }

  static func write(_ selection: CacheSelection, to writer: inout JSONWriter) {
    switch selection {
    case .all: break
    case .server(let server): writer.member("server", server.name)
    case .entry(let server, let key):
      writer.member("server", server.name)
      writer.member("key", key)
    }
  }
}

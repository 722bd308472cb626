package import FleetModel

/// Writes JSON-RPC messages by splicing: params go out as the bytes they came in.
package enum RPCEncoder {
  /// - Parameters:
  ///   - metadata: put into `params._meta`; of members that are there already, ours replace
  ///     theirs.
  ///   - params: an object; anything else goes as it is, without metadata, for the server to
  ///     refuse.
  package static func request(
    id: Int, method: String, params: JSONText = .emptyObject,
    metadata: RequestMetadata = RequestMetadata()
  ) -> [UInt8] {
    message(id: String(id), method: method, params: params, metadata: metadata)
  }

  /// A request whose id is passed on as it was written.
  package static func request(
    id: JSONText, method: String, params: JSONText,
    metadata: RequestMetadata = RequestMetadata()
  ) -> [UInt8] {
    message(id: id.text, method: method, params: params, metadata: metadata)
  }

  package static func notification(
    method: String, params: JSONText = .emptyObject,
    metadata: RequestMetadata = RequestMetadata()
  ) -> [UInt8] {
    message(id: nil, method: method, params: params, metadata: metadata)
  }

  /// - Parameter id: as written in the request; nil when it could not be read.
  package static func response(id: JSONText?, result: JSONText) -> [UInt8] {
    response(id: id, key: "result", value: result)
  }

  package static func response(id: JSONText?, error: RPCError) -> [UInt8] {
    var writer = JSONWriter()
    writer.object {
      $0.member("code", error.code)
      $0.member("message", error.message)
      if let data = error.data { $0.member("data", data) }
    }
    return response(id: id, key: "error", value: writer.json)
  }

  private static func response(id: JSONText?, key: StaticString, value: JSONText) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(value.bytes.count + 64)
    bytes.append(contentsOf: #"{"jsonrpc":"2.0","id":"#.utf8)
    bytes.append(contentsOf: (id ?? .null).bytes)
    bytes.append(contentsOf: #",""#.utf8)
    bytes.append(contentsOf: "\(key)".utf8)
    bytes.append(contentsOf: #"":"#.utf8)
    bytes.append(contentsOf: value.bytes)
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  private static func message(
    id: String?, method: String, params: JSONText, metadata: RequestMetadata
  ) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(params.bytes.count + metadata.members.count + method.utf8.count + 80)
    bytes.append(contentsOf: #"{"jsonrpc":"2.0","#.utf8)
    if let id {
      bytes.append(contentsOf: #""id":"#.utf8)
      bytes.append(contentsOf: id.utf8)
      bytes.append(UInt8(ascii: ","))
    }
    bytes.append(contentsOf: #""method":"#.utf8)
    var quoted = JSONWriter()
    quoted.value(method)
    bytes.append(contentsOf: quoted.bytes)
    bytes.append(contentsOf: #","params":"#.utf8)
    metadata.append(params, to: &bytes)
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }
}

/// Members for a request's `params._meta`, already written.
package struct RequestMetadata: Hashable, Sendable {
  /// `"key":value,"key":value`, without braces.
  private(set) var members: [UInt8] = []
  private var keys: [String] = []

  package init() {}

  /// Adds one member; a key must not be added twice.
  package mutating func add(_ key: String, _ value: JSONText) {
    var writer = JSONWriter()
    writer.object { $0.member(key, value) }
    if !members.isEmpty { members.append(UInt8(ascii: ",")) }
    members.append(contentsOf: writer.bytes.dropFirst().dropLast())
    keys.append(key)
  }

  package mutating func add(_ key: String, _ text: String) {
    var writer = JSONWriter()
    writer.value(text)
    add(key, writer.json)
  }

  mutating func add(progressToken: Int) { splice("progressToken", String(progressToken)) }

  mutating func add(idempotencyKey: CallID) {
    splice(Dialect.idempotencyKey, "\"\(idempotencyKey)\"")
  }

  /// Adds a member whose key and value need no escapes: cheap, because every call has some.
  private mutating func splice(_ key: String, _ json: String) {
    members.reserveCapacity(members.count + key.utf8.count + json.utf8.count + 4)
    if !members.isEmpty { members.append(UInt8(ascii: ",")) }
    members.append(UInt8(ascii: "\""))
    members.append(contentsOf: key.utf8)
    members.append(contentsOf: "\":".utf8)
    members.append(contentsOf: json.utf8)
    keys.append(key)
  }

  /// Appends the params with these members merged into their `_meta`.
  fileprivate func append(_ params: JSONText, to bytes: inout [UInt8]) {
    let view = JSONView(trusted: params)
    guard !members.isEmpty, view.kind == .object else {
      bytes.append(contentsOf: view.json.bytes)
      return
    }
    let present = view.member("_meta")
    bytes.append(contentsOf: #"{"_meta":{"#.utf8)
    bytes.append(contentsOf: members)
    guard let present else {
      bytes.append(UInt8(ascii: "}"))
      if !view.isEmpty { bytes.append(UInt8(ascii: ",")) }
      bytes.append(contentsOf: view.json.bytes.dropFirst())
      return
    }
    for member in present.members where !keys.contains(member.key) {
      Self.append(member, to: &bytes)
    }
    bytes.append(UInt8(ascii: "}"))
    for member in view.members where member.key != "_meta" { Self.append(member, to: &bytes) }
    bytes.append(UInt8(ascii: "}"))
  }

  private static func append(_ member: (key: String, value: JSONView), to bytes: inout [UInt8]) {
    var key = JSONWriter()
    key.value(member.key)
    bytes.append(UInt8(ascii: ","))
    bytes.append(contentsOf: key.bytes)
    bytes.append(UInt8(ascii: ":"))
    bytes.append(contentsOf: member.value.json.bytes)
  }
}

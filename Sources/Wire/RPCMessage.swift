package import FleetModel

/// One JSON-RPC 2.0 message as it came over the wire.
package enum RPCMessage: Sendable {
  /// The id is kept as written: `1` and `"1"` are different ids, and a reply must repeat it
  /// exactly.
  case request(id: JSONText, method: String, params: JSONView?)
  case notification(method: String, params: JSONView?)
  /// The id is nil when it is `null` or absent: the peer could not read the request's id.
  case response(id: JSONText?, RPCAnswer)

  /// - Throws: when the value is no object, or none of the three shapes.
  package init(_ view: JSONView) throws(RPCShapeError) {
    guard view.kind == .object else { throw RPCShapeError("the message is no object") }
    self = try Self.message(view)
  }

  /// All messages of a body: one, or those of a batch (2025-03-26 only).
  ///
  /// - Throws: also for an empty batch and for one of more than `batchLimit` messages.
  package static func all(
    in view: JSONView, batchLimit: Int = 100
  ) throws(RPCShapeError) -> [RPCMessage] {
    guard view.kind == .array else { return [try RPCMessage(view)] }
    var messages: [RPCMessage] = []
    for element in view.elements {
      guard messages.count < batchLimit else {
        throw RPCShapeError("the batch has more than \(batchLimit) messages")
      }
      messages.append(try RPCMessage(element))
    }
    guard !messages.isEmpty else { throw RPCShapeError("the batch is empty") }
    return messages
  }

  private static func message(_ view: JSONView) throws(RPCShapeError) -> RPCMessage {
    let id = view.member("id")
    if let id, id.kind != .number, id.kind != .string, id.kind != .null {
      throw RPCShapeError("the id is neither number nor string")
    }
    if let method = view.member("method") {
      guard let name = method.string else { throw RPCShapeError("the method is no string") }
      let params = view.member("params")
      guard let id, !id.isNull else { return .notification(method: name, params: params) }
      return .request(id: id.json, method: name, params: params)
    }
    let answeredID = id.flatMap { $0.isNull ? nil : $0.json }
    if let error = view.member("error"), !error.isNull {
      return .response(id: answeredID, .error(try read(error)))
    }
    if let result = view.member("result") { return .response(id: answeredID, .result(result)) }
    throw RPCShapeError("the message has neither method nor result nor error")
  }

  private static func read(_ error: JSONView) throws(RPCShapeError) -> RPCError {
    guard let code = error.member("code")?.int else {
      throw RPCShapeError("the error has no code")
    }
    return RPCError(
      code: code, message: error.member("message")?.string ?? "",
      data: error.member("data")?.json)
  }
}

/// What a JSON-RPC response says.
package enum RPCAnswer: Sendable {
  case result(JSONView)
  case error(RPCError)
}

/// JSON that is no JSON-RPC message.
package struct RPCShapeError: Error, Hashable, Sendable {
  package let reason: String

  init(_ reason: String) { self.reason = reason }
}

/// The error codes that have a meaning here (JSON-RPC 2.0, and the specification's reserved band).
package enum RPCCode {
  package static let parseError = -32700
  package static let invalidRequest = -32600
  package static let methodNotFound = -32601
  package static let invalidParams = -32602
  package static let internalError = -32603
  /// A header is missing, malformed or different from the body (2026-07-28).
  package static let headerMismatch = -32020
  /// The tool needs a capability that the client does not have (2026-07-28).
  package static let missingCapability = -32021
  /// The request was cancelled: of the official SDK, and of this client for a cancelled task.
  package static let requestCancelled = -32800
  /// `data.supported` names the versions that the server speaks (2026-07-28).
  package static let unsupportedVersion = -32022
}

import Adapters
import FleetModel
import Wire

/// A request that is well-formed in its era.
struct AdmittedRequest: Sendable {
  var id: JSONText
  var method: String
  var params: JSONView?
  var era: Dialect.Era
  var version: String
  /// What `Mcp-Session-Id` said, in the handshake era over HTTP.
  var session: String?
}

/// What became of a message at the door.
enum Admission {
  case request(AdmittedRequest)
  case notification(method: String, params: JSONView?)
  case refusal(RPCReply)
  /// An answer without JSON-RPC.
  case plain(status: Int, headers: HTTPResponder.Headers = [])
}

/// A whole JSON-RPC message to send, with what HTTP says around it.
struct RPCReply: Sendable {
  var bytes: [UInt8]
  var status = 200
  var headers: HTTPResponder.Headers = []

  init(id: JSONText?, result: JSONText) { bytes = RPCEncoder.response(id: id, result: result) }

  init(id: JSONText?, error: RPCError, status: Int) {
    bytes = RPCEncoder.response(id: id, error: error)
    self.status = status
  }

  init(id: JSONText?, _ code: Int, _ message: String, status: Int, data: JSONText? = nil) {
    self.init(id: id, error: RPCError(code: code, message: message, data: data), status: status)
  }
}

/// The checks that each era makes before a request is served (2026-07-28 streamable HTTP and stdio;
/// 2025-11-25 transports).
struct Doorkeeper {
  let eras: FaultServerOptions.Eras
  /// The era that a stdio process settled on with its first request.
  private(set) var lockedEra: Dialect.Era?

  init(eras: FaultServerOptions.Eras) { self.eras = eras }

  // MARK: HTTP

  /// Looks at a POST to `/mcp`.
  func admit(_ request: HTTPRequest) -> Admission {
    if let origin = request.header("Origin"), !Self.isLocal(origin) { return .plain(status: 403) }
    guard Self.acceptsBothForms(request.header("Accept") ?? "") else { return .plain(status: 406) }
    guard request.header("Content-Type")?.hasPrefix("application/json") == true else {
      return .plain(status: 415)
    }
    let message: RPCMessage
    switch Self.read(request.body) {
    case .success(let read): message = read
    case .failure(let refusal): return .refusal(refusal.reply)
    }
    let version = request.header(MCPHeaders.version)
    let isHandshake = version.map(ProtocolVersion.handshake.contains) ?? true
    let goesModern = eras == .modern || (eras == .both && !isHandshake)
    switch message {
    case .response: return .plain(status: goesModern ? 400 : 202)
    case .notification(let method, let params):
      return .notification(method: method, params: params)
    case .request(let id, let method, let params):
      return goesModern
        ? admitModern(id, method, params, request)
        : admitHandshake(id, method, params, version, request.header(MCPHeaders.session))
    }
  }

  /// Whether a client takes JSON and event streams, as it must say.
  private static func acceptsBothForms(_ accept: String) -> Bool {
    var (takesJSON, takesEvents) = (false, false)
    for range in accept.utf8.split(separator: UInt8(ascii: ",")) {
      let type = range.drop { $0 == 32 || $0 == 9 }
        .prefix { $0 != UInt8(ascii: ";") && $0 != 32 && $0 != 9 }
      let isAny = type.elementsEqual("*/*".utf8)
      takesJSON = takesJSON || isAny || type.elementsEqual("application/json".utf8)
      takesEvents = takesEvents || isAny || type.elementsEqual("text/event-stream".utf8)
    }
    return takesJSON && takesEvents
  }

  private static func isLocal(_ origin: String) -> Bool {
    ["http://127.0.0.1", "http://localhost", "http://[::1]"].contains {
      origin == $0 || origin.hasPrefix($0 + ":")
    }
  }

  private struct Unreadable: Error {
    var reply: RPCReply
  }

  private static func read(_ body: [UInt8]) -> Result<RPCMessage, Unreadable> {
    do {
      return .success(try RPCMessage(try JSONView(body)))
    } catch let error as RPCShapeError {
      return .failure(
        Unreadable(
          reply: RPCReply(id: nil, RPCCode.invalidRequest, error.reason, status: 400)))
    } catch {
      return .failure(
        Unreadable(reply: RPCReply(id: nil, RPCCode.parseError, "\(error)", status: 400)))
    }
  }

  private func admitModern(
    _ id: JSONText, _ method: String, _ params: JSONView?, _ request: HTTPRequest
  ) -> Admission {
    let header = request.header(MCPHeaders.version)
    if method == MCPMethod.initialize, header == nil {
      return .refusal(unsupported(id, params?.member("protocolVersion")?.string))
    }
    func mismatch(_ reason: String) -> Admission {
      .refusal(RPCReply(id: id, RPCCode.headerMismatch, reason, status: 400))
    }
    guard let header else { return mismatch("\(MCPHeaders.version) is missing") }
    guard let said = request.header(MCPHeaders.method) else {
      return mismatch("\(MCPHeaders.method) is missing")
    }
    guard request.headerCount(MCPHeaders.method) == 1, MCPHeaders.decode(said) == method else {
      return mismatch("\(MCPHeaders.method) differs from the body")
    }
    let stated = params?.member("_meta")?.member(Self.versionKey)?.string
    if let stated, stated != header {
      return mismatch("\(MCPHeaders.version) differs from the body")
    }
    if method == MCPMethod.callTool {
      guard let said = request.header(MCPHeaders.name), request.headerCount(MCPHeaders.name) == 1,
        MCPHeaders.decode(said) == params?.member("name")?.string
      else { return mismatch("\(MCPHeaders.name) is missing or differs from the body") }
    }
    return checkMetadata(id, method, params)
  }

  private static let versionKey = "io.modelcontextprotocol/protocolVersion"

  /// What both transports ask of a modern request's `_meta`.
  private func checkMetadata(
    _ id: JSONText, _ method: String, _ params: JSONView?
  ) -> Admission {
    let meta = params?.member("_meta")
    guard let version = meta?.member(Self.versionKey)?.string,
      meta?.member("io.modelcontextprotocol/clientCapabilities")?.kind == .object
    else {
      return .refusal(
        RPCReply(
          id: id, RPCCode.invalidParams, "_meta lacks protocolVersion or clientCapabilities",
          status: 400))
    }
    guard eras != .handshake, ProtocolVersion.modern.contains(version) else {
      return .refusal(unsupported(id, version))
    }
    return .request(
      AdmittedRequest(id: id, method: method, params: params, era: .modern, version: version))
  }

  /// A dual-era server names its modern versions only, as the official SDK does.
  private func unsupported(_ id: JSONText, _ requested: String?) -> RPCReply {
    var data = JSONWriter()
    let supported = eras == .handshake ? ProtocolVersion.handshake : ProtocolVersion.modern
    data.object {
      $0.member("supported", array: { for version in supported { $0.value(version) } })
      $0.member("requested", requested)
    }
    return RPCReply(
      id: id, RPCCode.unsupportedVersion, "Unsupported protocol version", status: 400,
      data: data.json)
  }

  private func admitHandshake(
    _ id: JSONText, _ method: String, _ params: JSONView?, _ header: String?, _ session: String?
  ) -> Admission {
    if let header, !ProtocolVersion.handshake.contains(header) {
      return .refusal(
        RPCReply(
          id: id, RPCCode.invalidRequest, "Bad Request: Unsupported protocol version: \(header)",
          status: 400))
    }
    if method != MCPMethod.initialize, session == nil {
      return .refusal(
        RPCReply(id: id, RPCCode.invalidRequest, "Bad Request: Missing session ID", status: 400))
    }
    return .request(
      AdmittedRequest(
        id: id, method: method, params: params, era: .handshake, version: header ?? "",
        session: method == MCPMethod.initialize ? nil : session))
  }

  // MARK: stdio

  /// Looks at a line; nil when it is no message and goes unanswered, as with the official SDK.
  mutating func admit(line: [UInt8]) -> Admission? {
    guard case .success(let message) = Self.read(line) else { return nil }
    switch message {
    case .response: return nil
    case .notification(let method, let params):
      return .notification(method: method, params: params)
    case .request(let id, let method, let params):
      let isModern = params?.member("_meta")?.member(Self.versionKey) != nil
      return admit(line: id, method, params, isModern: isModern)
    }
  }

  private mutating func admit(
    line id: JSONText, _ method: String, _ params: JSONView?, isModern: Bool
  ) -> Admission {
    if method == MCPMethod.initialize {
      guard eras != .modern, lockedEra != .modern else {
        return .refusal(unsupported(id, params?.member("protocolVersion")?.string))
      }
      lockedEra = .handshake
    } else if isModern || eras == .modern {
      guard lockedEra != .handshake, eras != .handshake else {
        return .refusal(
          RPCReply(
            id: id, RPCCode.invalidRequest, "This process speaks the handshake era", status: 400))
      }
      let admission = checkMetadata(id, method, params)
      if case .request = admission { lockedEra = .modern }
      return admission
    } else if lockedEra != .handshake, method != MCPMethod.ping {
      return .refusal(
        RPCReply(id: id, RPCCode.invalidParams, "Not initialized, and no _meta", status: 400))
    }
    return .request(
      AdmittedRequest(id: id, method: method, params: params, era: .handshake, version: ""))
  }
}

import FleetModel
import Wire

/// The body of `POST /calls`: a tool with its arguments, or any method with its params.
struct ControlCallRequest {
  enum Kind {
    case tool(String, arguments: JSONText)
    case method(String, target: String?, params: JSONText)
  }

  var server: ServerID
  var kind: Kind
  var timeout: Duration?
  var client: String
  /// The caller's own; it is sent to the server and kept nowhere.
  var token: Secret?

  /// Of a caller's own timeout: a day.
  static let timeoutLimit = Duration.seconds(86_400)

  private static let example = #"{"server": "search", "tool": "web_search", "arguments": {}}"#
  private static let fields = [
    "server", "tool", "arguments", "method", "params", "timeoutSeconds", "client", "token",
  ]

  init(_ bytes: [UInt8]) throws(ControlError) {
    let body = try ControlBody(bytes, fields: Self.fields, example: Self.example)
    guard let server = try body.text("server") else {
      throw .badValue(field: "server", value: "", cure: "name the server to call")
    }
    self.server = ServerID(server)
    kind = try Self.kind(of: body)
    timeout = try body.duration("timeoutSeconds", limit: Self.timeoutLimit)
    client = try body.text("client") ?? "mcpdash"
    token = try body.secret("token")
  }

  func call(id: CallID, now: Instant) -> Call {
    let deadline = timeout.map { now + $0 }
    return switch kind {
    case .tool(let tool, let arguments):
      .tool(
        tool, arguments: arguments, on: server, id: id, origin: .cli, deadline: deadline,
        client: client, token: token)
    case .method(let method, let target, let params):
      Call(
        id: id, server: server, method: method, target: target, params: params, origin: .cli,
        deadline: deadline, client: client, token: token)
    }
  }

  private static func kind(of body: ControlBody) throws(ControlError) -> Kind {
    switch (try body.text("tool"), try body.text("method")) {
    case (let tool?, nil):
      guard !body.has("params") else {
        throw .badValue(field: "params", value: "", cure: "beside tool give arguments instead")
      }
      return .tool(tool, arguments: try body.object("arguments")?.json ?? .emptyObject)
    case (nil, let method?):
      guard !body.has("arguments") else {
        throw .badValue(field: "arguments", value: "", cure: "beside method give params instead")
      }
      let params = try body.object("params")
      return .method(
        method, target: try target(of: method, params), params: params?.json ?? .emptyObject)
    case (let tool?, .some):
      throw .badValue(field: "tool", value: tool, cure: "give either tool or method")
    case (nil, nil):
      throw .badValue(
        field: "tool", value: "", cure: "give a tool's name, or a method with its params")
    }
  }

  /// The name or URI that the method's params must hold; nil for methods that are about nothing in
  /// particular.
  private static func target(
    of method: String, _ params: JSONView?
  ) throws(ControlError) -> String? {
    let key: String
    switch method {
    case "tools/call", "prompts/get": key = "name"
    case "resources/read": key = "uri"
    default: return nil
    }
    let value = params?.member(key)
    guard let target = value?.string, !target.isEmpty else {
      throw .badValue(
        field: "params.\(key)", value: value?.json.text ?? "",
        cure: "\(method) needs it, a text that is not empty")
    }
    return target
  }
}

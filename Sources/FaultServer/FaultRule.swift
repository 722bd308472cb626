import FleetModel
import Wire

/// One way to answer wrongly, and when.
struct FaultRule: Hashable, Sendable {
  /// Which requests a rule may hit.
  enum Scope: String, CaseIterable, Sendable {
    /// `tools/call` only.
    case calls
    /// Every MCP request.
    case requests
    /// Every MCP request and `GET /health`.
    case everything
  }

  enum Effect: Hashable, Sendable {
    /// The process exits at once.
    case crash
    /// All handshake sessions are forgotten; the request then goes on and finds none.
    case sessionLoss
    case hang
    /// Half of the answer, then a TCP reset; over stdio half a line, then exit.
    case reset
    case status(Int, retryAfter: RetryAfterForm?)
    /// 200 with a body that is no JSON.
    case garbage
    /// Bytes that are no HTTP.
    case rawGarbage
    /// An event stream that ends in the middle of its event.
    case truncated
    /// An answer that never ends.
    case flood
    case misshapen(MisshapenAnswer)
    case protocolError(code: Int, message: String)
    case toolError(message: String)
    /// A right answer, as an event stream instead of JSON.
    case eventStream
  }

  enum RetryAfterForm: Hashable, Sendable {
    case seconds(Int)
    /// The HTTP date so many seconds from now.
    case date(Int)
  }

  /// The names in scripts, in the order in which the rules are tried.
  enum Name: String, CaseIterable, Sendable {
    case crash, sessionLoss, hang, reset, rateLimited, status, garbage, truncated, flood, misshapen
    case protocolError, toolError, eventStream
  }

  var name: Name
  var effect: Effect
  var probability = 1.0
  /// How many more requests it hits; nil is no limit.
  var remaining: Int?
  var scope = Scope.requests
  /// Whether a tool call is run before the fault shows: the caller cannot know.
  var runsCall = false

  /// Whether the rule answers in the server's place; the others let it answer.
  var replacesAnswer: Bool {
    switch effect {
    case .crash, .hang, .reset, .status, .garbage, .rawGarbage, .truncated, .flood, .misshapen,
      .protocolError, .toolError:
      true
    case .sessionLoss, .eventStream: false
    }
  }

  /// Whether it hits this time; counts down what it may still hit.
  mutating func hits(using random: inout SplitMix64) -> Bool {
    if remaining == 0 { return false }
    // A certain rule takes no chance, so that adding it does not shift the others' draws.
    guard probability >= 1 || random.unit() < probability else { return false }
    if let left = remaining { remaining = left - 1 }
    return true
  }
}

extension FaultRule {
  /// Reads `true`, a probability, or an object.
  init(_ name: Name, _ field: PlanField) throws(PlanError) {
    let defaults = Self.defaults(name)
    self = FaultRule(
      name: name, effect: defaults.effect, scope: defaults.scope, runsCall: defaults.runsCall)
    switch field.view.kind {
    case .bool:
      probability = try field.flag() ? 1 : 0
      return
    case .number:
      probability = try field.number(in: 0...1, "a probability")
      return
    case .object, .array, .string, .null: break
    }
    try field.allow(["probability", "next", "on", "runs"] + Self.ownSettings(name))
    if let given = field.member("probability") {
      probability = try given.number(in: 0...1, "a probability")
    }
    if let given = field.member("next") {
      remaining = try given.int(in: 1...1_000_000_000, "a number of requests")
    }
    if let given = field.member("on") {
      let choice = try given.choice(Scope.allCases.map(\.rawValue))
      scope = Scope(rawValue: choice) ?? scope
    }
    if let given = field.member("runs") { runsCall = try given.flag() }
    effect = try Self.effect(name, field)
  }

  private static func defaults(_ name: Name) -> (effect: Effect, scope: Scope, runsCall: Bool) {
    switch name {
    case .crash: (.crash, .calls, true)
    case .sessionLoss: (.sessionLoss, .requests, true)
    case .hang: (.hang, .requests, false)
    case .reset: (.reset, .requests, true)
    case .rateLimited: (.status(429, retryAfter: .seconds(1)), .requests, false)
    case .status: (.status(503, retryAfter: nil), .requests, false)
    case .garbage: (.garbage, .requests, true)
    case .truncated: (.truncated, .requests, true)
    case .flood: (.flood, .calls, true)
    case .misshapen: (.misshapen(.otherID), .calls, true)
    case .protocolError: (.protocolError(code: -32603, message: "injected"), .calls, false)
    case .toolError: (.toolError(message: "injected tool error"), .calls, false)
    case .eventStream: (.eventStream, .requests, true)
    }
  }

  private static func ownSettings(_ name: Name) -> [String] {
    switch name {
    case .rateLimited: ["retryAfter", "as"]
    case .status: ["code", "retryAfter", "as"]
    case .garbage, .misshapen: ["as"]
    case .protocolError: ["code", "message"]
    case .toolError: ["message"]
    case .crash, .sessionLoss, .hang, .reset, .truncated, .flood, .eventStream: []
    }
  }

  private static func effect(_ name: Name, _ field: PlanField) throws(PlanError) -> Effect {
    switch name {
    case .rateLimited:
      return .status(429, retryAfter: try retryAfter(field) ?? .seconds(1))
    case .status:
      let code = try field.required("code").int(in: 400...599, "an HTTP status")
      return .status(code, retryAfter: try retryAfter(field))
    case .garbage:
      let form = try field.member("as")?.choice(["json", "http"])
      return form == "http" ? .rawGarbage : .garbage
    case .misshapen:
      let shapes = MisshapenAnswer.allCases.map(\.rawValue)
      let choice = try field.required("as").choice(shapes)
      return .misshapen(MisshapenAnswer(rawValue: choice) ?? .otherID)
    case .protocolError:
      let code = try field.member("code")?.int(in: -99_999...99_999, "a JSON-RPC error code")
      return .protocolError(
        code: code ?? RPCCode.internalError,
        message: try field.member("message")?.text() ?? "injected")
    case .toolError:
      return .toolError(message: try field.member("message")?.text() ?? "injected tool error")
    case .crash, .sessionLoss, .hang, .reset, .truncated, .flood, .eventStream:
      return defaults(name).effect
    }
  }

  private static func retryAfter(_ field: PlanField) throws(PlanError) -> RetryAfterForm? {
    let form = try field.member("as")?.choice(["seconds", "date"])
    guard let given = field.member("retryAfter") else { return nil }
    let seconds = try given.int(in: 0...86_400, "seconds")
    return form == "date" ? .date(seconds) : .seconds(seconds)
  }

  func write(to writer: inout JSONWriter) {
    writer.object {
      $0.member("probability", probability)
      if let remaining { $0.member("next", remaining) }
      $0.member("on", scope.rawValue)
      $0.member("runs", runsCall)
      switch effect {
      case .status(let code, let retryAfter):
        if name == .status { $0.member("code", code) }
        switch retryAfter {
        case .seconds(let seconds): $0.member("retryAfter", seconds)
        case .date(let seconds):
          $0.member("retryAfter", seconds)
          $0.member("as", "date")
        case nil: break
        }
      case .rawGarbage: $0.member("as", "http")
      case .garbage: $0.member("as", "json")
      case .misshapen(let shape): $0.member("as", shape.rawValue)
      case .protocolError(let code, let message):
        $0.member("code", code)
        $0.member("message", message)
      case .toolError(let message): $0.member("message", message)
      case .crash, .sessionLoss, .hang, .reset, .truncated, .flood, .eventStream: break
      }
    }
  }
}

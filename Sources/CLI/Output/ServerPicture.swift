import FleetModel
import Wire

/// One server as the control interface tells of it; every text may be hostile.
struct ServerPicture: Hashable, Sendable {
  /// How a server is, in one word; the same words as on the screen.
  enum State: String, Hashable, Sendable {
    case up, sick, split, start, down, loop
    /// Another server answers in its place: neither dead nor well.
    case impostor = "IMPOSTOR"

    var colour: Ink.Colour? {
      switch self {
      case .up: .green
      case .sick, .split: .yellow
      case .start: .faint
      case .down, .loop, .impostor: .red
      }
    }
  }

  /// Who answers in its place, and who should.
  struct Impostor: Hashable, Sendable {
    var address: String?
    var expected: ServerIdentity
    var found: ServerIdentity
  }

  var name: String
  var transport: String?
  var address: String?
  var source: String?
  var era: String?
  var protocolVersion: String?
  var state: State
  /// `closed`, or `open by anna` while somebody holds it.
  var breaker: String?
  var toolCount: Int?
  var roundTrip: Duration?
  /// What the server calls itself, with its version.
  var itself: String?
  /// Why it is not up.
  var trouble: String?
  var impostor: Impostor?

  init?(_ server: JSONView) {
    guard let name = server.member("name")?.string else { return nil }
    self.name = name
    transport = server.member("transport")?.string
    address = Self.text(server.member("address"))
    source = Self.text(server.member("source"))
    era = server.member("era")?.string
    protocolVersion = server.member("protocolVersion")?.string
    toolCount = server.member("tools")?.int
    let version = Self.text(server.member("serverVersion")).map { " " + $0 } ?? ""
    itself = Self.text(server.member("serverName")).map { $0 + version }
    let breaker = server.member("breaker")
    self.breaker = Self.breaker(breaker)
    let health = server.member("health")
    roundTrip = health?.member("responseSeconds")?.double.map { .nanoseconds(Int64($0 * 1e9)) }
    impostor = Self.impostor(server.member("impostor"))
    let loop = server.member("crashLoop").flatMap { $0.isNull ? nil : $0 }
    state = Self.state(
      of: server, health, isImpostor: impostor != nil, isCrashing: loop != nil)
    trouble = Self.trouble(
      state, health, failure: Self.text(server.member("connectFailure")),
      lastWords: Self.text(loop?.member("lastWords")))
  }

  /// Nothing more is to be expected of a first connection.
  var isSettled: Bool { state == .up ? toolCount != nil : state != .start }

  private static func text(_ view: JSONView?) -> String? {
    view?.string.flatMap { $0.isEmpty ? nil : $0 }
  }

  private static func breaker(_ breaker: JSONView?) -> String? {
    guard let state = breaker?.member("state")?.string else { return nil }
    guard let override = breaker?.member("override"), let kind = override.member("kind")?.string
    else { return state == "halfOpen" ? "half-open" : state }
    let owner = override.member("owner")?.string.map { " by \($0)" } ?? ""
    return (kind == "disabled" ? "disabled" : "held \(kind)") + owner
  }

  private static func impostor(_ view: JSONView?) -> Impostor? {
    guard let view, let expected = identity(view.member("expected")),
      let found = identity(view.member("found"))
    else { return nil }
    return Impostor(address: text(view.member("address")), expected: expected, found: found)
  }

  private static func identity(_ view: JSONView?) -> ServerIdentity? {
    guard let view, view.kind == .object else { return nil }
    return ServerIdentity(
      name: view.member("name")?.string ?? "",
      toolsDigest: view.member("toolsDigest")?.string ?? "")
  }

  private static func state(
    of server: JSONView, _ health: JSONView?, isImpostor: Bool, isCrashing: Bool
  ) -> State {
    if isImpostor { return .impostor }
    if isCrashing { return .loop }
    let status = health?.member("status")?.string.flatMap { HealthSnapshot.Status(rawValue: $0) }
    guard server.member("connected")?.bool != true else {
      switch status {
      case .unhealthy: return .sick
      case .disagreeing: return .split
      case .healthy, .unknown, nil: return .up
      }
    }
    let isUntried =
      text(server.member("connectFailure")) == nil && text(health?.member("lastError")) == nil
      && text(health?.member("lastSuccess")) == nil && status != .unhealthy
    return isUntried ? .start : .down
  }

  private static func trouble(
    _ state: State, _ health: JSONView?, failure: String?, lastWords: String?
  ) -> String? {
    switch state {
    case .up: nil
    case .start: "no answer yet"
    case .split: text(health?.member("disagreement"))
    case .sick: text(health?.member("lastError"))
    case .down: failure ?? text(health?.member("lastError"))
    case .loop: lastWords.map { "ends soon after each start: \($0)" } ?? failure
    case .impostor: failure
    }
  }
}

extension ServerIdentity {
  /// `fileserver, tools 3f2a91bc0d11…`, for a person who compares two.
  var words: String {
    let name = name.isEmpty ? "a server without a name" : name
    return toolsDigest.isEmpty ? name : "\(name), tools \(toolsDigest.prefix(12))…"
  }
}

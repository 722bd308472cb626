import FleetModel

/// Why a replay leaves a letter out.
enum LetterObstacle: Hashable, Sendable, CaseIterable {
  /// Another replay has or had it, or it was decided about.
  case taken
  case expired
  /// It may have executed, and there is no force.
  case unsafe
  case unreadable
  case noMethod
  case unknownServer
  case noToken
  case noSecret
  /// Its server's breaker is open, and the replay does not wait.
  case breakerOpen

  /// After a number of letters.
  var words: String {
    switch self {
    case .taken: "left out: another replay has or had them"
    case .expired: "left out: expired"
    case .unsafe: "left out: they may have executed (force sends them)"
    case .unreadable: "cannot be sent: the entry cannot be read"
    case .noMethod: "cannot be sent: it was no MCP request"
    case .unknownServer: "cannot be sent: the server is not in the fleet"
    case .noToken: "cannot be sent: the caller's own token is needed"
    case .noSecret:
      "cannot be sent: a secret is not kept; configure its value or edit the arguments"
    case .breakerOpen: "left: the breaker is open"
    }
  }
}

extension ReplayRun {
  /// Nil for a letter that can be sent.
  ///
  /// - Parameter isClaimed: it is ours just now.
  mutating func obstacle(
    to letter: DeadLetter, isClaimed: Bool = false, civil: Timestamp, in fleet: some ReplayFleet
  ) -> LetterObstacle? {
    if letter.fault != nil { return .unreadable }
    if !isClaimed, letter.state != .pending { return .taken }
    if !isClaimed, letter.expiresAt <= civil { return .expired }
    if !letter.hasMethod { return .noMethod }
    if destination(of: letter, in: fleet) == nil { return .unknownServer }
    if letter.isUnsafeToReplay, !order.isForced { return .unsafe }
    if letter.needsToken, order.token == nil { return .noToken }
    return params(of: letter) == nil ? .noSecret : nil
  }

  /// The letter's server, or for one of another program the server that has its address.
  mutating func destination(of letter: DeadLetter, in fleet: some ReplayFleet) -> ServerID? {
    if fleet.standing(of: letter.server, at: .origin) != nil { return letter.server }
    let place = LetterPlace(
      server: letter.server, endpoint: letter.endpoint, client: letter.client)
    if let known = destinations[place] { return known }
    let found = fleet.server(for: letter)
    if destinations.count < Self.placeLimit { destinations[place] = .some(found) }
    return found
  }

  /// The params to send, secrets and all; nil where one is missing.
  func params(of letter: DeadLetter) -> JSONText? {
    guard let edited = edited(letter) else { return nil }
    return mask.fill(edited, redacted: letter.redacted)
  }

  /// With the operator's arguments; nil where they have no place.
  func edited(_ letter: DeadLetter) -> JSONText? {
    guard let arguments = order.arguments else { return letter.params }
    return letter.params.replacingMember("arguments", with: arguments)
  }
}

/// Where a letter of another program was for; many have the same.
struct LetterPlace: Hashable, Sendable {
  var server: ServerID
  var endpoint: String
  var client: String
}

extension LetterProcessor {
  /// Whether a rule lets the letter be sent again without a person; never an unsafe one.
  func allows(_ letter: DeadLetter, at now: Timestamp) -> Bool {
    guard !letter.isUnsafeToReplay, letter.state == .pending else { return false }
    return rules.contains { rule in
      rule.server.map { $0 == letter.server } ?? true
        && rule.tool.map { $0 == letter.target } ?? true
        && rule.kind.map { $0 == letter.errorKind } ?? true
        && rule.deliveries.contains(letter.delivery)
        && now - letter.lastAttemptAt >= rule.minimumAge
        && letter.replayCount < rule.replayLimit
    }
  }
}

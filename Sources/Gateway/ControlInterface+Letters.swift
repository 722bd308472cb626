import FleetModel
import Telemetry

// What is asked about dead letters, and done to them.
extension ControlInterface {
  func replay(_ bytes: [UInt8]) async throws(ControlError) -> ReplayOrder {
    let order = try ControlReplayRequest.read(bytes, now: wallClock())
    try await checkServer(of: order.selection)
    return order
  }

  func choice(_ bytes: [UInt8]) async throws(ControlError) -> DeadLetterSelection {
    let body = try ControlBody(
      bytes, fields: ControlLetterChoice.fields, example: ControlLetterChoice.example)
    let selection = try ControlLetterChoice.read(body, now: wallClock())
    try await checkServer(of: selection)
    return selection
  }

  func table(_ target: ControlTarget) async throws(ControlError) -> String {
    let columns = try columns(target)
    let page = try await page(target)
    let table = DeadLetterTable.text(page.letters, now: wallClock(), columns: columns)
    guard let next = page.next else { return table }
    return table + "There are more: --after '\(PlainText.clean(next.text))'\n"
  }

  func page(_ target: ControlTarget) async throws(ControlError) -> DeadLetterPage {
    let limit = try target.number(
      "limit", in: 1...Self.letterLimit, otherwise: Self.standardLetterLimit)
    let selection = try ControlLetterChoice.read(target, now: wallClock())
    var cursor: DeadLetterCursor?
    if let text = try target.text("after") {
      cursor = DeadLetterCursor(text)
      guard cursor != nil else {
        throw target.wrong("after", "give the next of an earlier answer")
      }
    }
    let after = cursor
    let page = try await letters { fleet throws(CommandError) in
      try await fleet.deadLetters(of: selection, after: after, limit: limit)
    }
    if page.letters.isEmpty { try await checkServer(of: selection) }
    return page
  }

  func count(_ target: ControlTarget) async throws(ControlError) -> Int {
    let selection = try ControlLetterChoice.read(target, now: wallClock())
    return try await letters { fleet throws(CommandError) in
      try await fleet.deadLetterCount(of: selection)
    }
  }

  func statistics() async throws(ControlError) -> DeadLetterStatistics {
    try await letters { fleet throws(CommandError) in try await fleet.deadLetterStatistics() }
  }

  func add(_ body: [UInt8]) async throws(ControlError) -> ControlResponse {
    let letters = try ControlLetterIntake.read(body, lifetime: letterLifetime, now: wallClock())
    let intake = try await self.letters { fleet throws(CommandError) in
      try await fleet.add(letters)
    }
    return .json(ControlLetterIntake.write(intake))
  }

  /// A name that neither a server nor a letter has is a slip. Letters of a server that the
  /// configuration no longer has are as good as others.
  private func checkServer(of selection: DeadLetterSelection) async throws(ControlError) {
    guard case .matching(let filter) = selection, let server = filter.server else { return }
    let known = fleet.latest().servers.map(\.id)
    guard !known.isEmpty, !known.contains(server) else { return }
    let states = Set(DeadLetter.State.allCases)
    let page = try await letters { fleet throws(CommandError) in
      try await fleet.deadLetters(
        of: .matching(DeadLetterFilter(states: states, server: server)), after: nil, limit: 1)
    }
    if page.letters.isEmpty { try check(server) }
  }

  private func letters<Value: Sendable>(
    _ body: (any Fleet) async throws(CommandError) -> Value
  ) async throws(ControlError) -> Value {
    do throws(CommandError) { return try await body(fleet) } catch { throw ControlError(error) }
  }
}

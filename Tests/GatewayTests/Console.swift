import FleetModel
import Gateway
import Wire

/// A control interface over a fake fleet, at a known time.
struct Console {
  static let now = Instant(nanoseconds: 5_000_000_000)
  static let callID = CallID(high: 0x0199_0000_0000_7001, low: 0x8000_0000_0000_0009)

  let fleet: FakeFleet
  let interface: ControlInterface

  init(_ fleet: FakeFleet = FakeFleet()) {
    self.fleet = fleet
    interface = ControlInterface(
      fleet: fleet, makeCallID: { Self.callID }, now: { Self.now },
      wallClock: { FakeFleet.wallClock })
  }

  func get(_ target: String) async -> ControlResponse {
    await interface.answer(ControlRequest(method: "GET", target: target))
  }

  func post(_ target: String, _ body: String = "") async -> ControlResponse {
    await interface.answer(
      ControlRequest(method: "POST", target: target, body: Array(body.utf8)))
  }
}

extension ControlResponse {
  var text: String { String(decoding: body, as: UTF8.self) }

  func document() throws -> JSONView { try JSONView(body) }

  /// A member of the error, as text.
  func error(_ member: String) throws -> String? {
    try document().member("error")?.member(member)?.string
  }

  func errorList(_ member: String) throws -> [String]? {
    try document().member("error")?.member(member)?.elements.compactMap(\.string)
  }
}

extension DeadLetter {
  static let example = DeadLetter(
    id: DeadLetterID(
      CallID(high: 0x0199_0000_0000_7001, low: 0x8000_0000_0000_0002)),
    server: ServerID("search"), client: "agent", method: "tools/call", target: "find",
    params: .emptyObject, errorKind: "503", errorMessage: "HTTP status 503", delivery: .unknown,
    isIdempotent: false, attempts: [], createdAt: FakeFleet.wallClock,
    lastAttemptAt: FakeFleet.wallClock, expiresAt: FakeFleet.wallClock)
}

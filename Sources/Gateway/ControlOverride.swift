import FleetModel

/// The body of `POST /breakers/NAME/open`, `/close`, `/disable` and `/reset`: why, by whom, for how
/// long; it may be left out, and so may each field.
package enum ControlOverride {
  /// Of an override's own time: a week. Zero is until somebody resets it.
  package static let timeToLiveLimit = Duration.seconds(7 * 86_400)
  /// Unicode scalars of a reason or an owner; what is longer is cut.
  package static let textLimit = 200
  /// Who it was when nobody says.
  package static let standardOwner = "control"

  private static let example = #"{"reason": "maintenance", "owner": "ann", "ttlSeconds": 900}"#

  static func read(
    _ bytes: [UInt8], _ kind: BreakerOverride.Kind
  ) throws(ControlError) -> BreakerOverride {
    guard !bytes.isEmpty else { return BreakerOverride(kind, owner: standardOwner) }
    let body = try ControlBody(
      bytes, fields: ["reason", "owner", "ttlSeconds"], example: example)
    let timeToLive = try body.duration("ttlSeconds", limit: timeToLiveLimit, allowsZero: true)
    return BreakerOverride(
      kind, reason: cut(try body.text("reason") ?? ""),
      owner: cut(try body.text("owner") ?? standardOwner),
      timeToLive: timeToLive ?? BreakerOverride.standardTimeToLive)
  }

  /// A reset lasts no time: what its body says must make sense and has no further meaning.
  static func reset(_ server: ServerID, _ bytes: [UInt8]) throws(ControlError) -> Command {
    _ = try read(bytes, .closed)
    return .resetBreaker(server)
  }

  /// The members that `read` reads back to the same override.
  static func write(_ override: BreakerOverride, to writer: inout JSONWriter) {
    if !override.reason.isEmpty { writer.member("reason", override.reason) }
    if !override.owner.isEmpty { writer.member("owner", override.owner) }
    writer.member("ttlSeconds", override.timeToLive.seconds)
  }

  static func cut(_ text: String) -> String {
    String(String.UnicodeScalarView(text.unicodeScalars.prefix(textLimit)))
  }
}

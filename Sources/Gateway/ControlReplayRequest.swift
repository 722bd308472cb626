import FleetModel
import Wire

/// The bodies of `POST /dead-letters/replay` and `/dead-letters/replay/stop`.
enum ControlReplayRequest {
  private static let fields =
    ControlLetterChoice.fields + [
      "force", "dryRun", "pace", "waitForBreaker", "arguments", "token", "owner",
    ]
  private static let stopExample = #"{"number": 3} or {"all": true}"#

  static func read(_ bytes: [UInt8], now: Timestamp) throws(ControlError) -> ReplayOrder {
    let body = try ControlBody(bytes, fields: fields, example: ControlLetterChoice.example)
    var order = ReplayOrder(try ControlLetterChoice.read(body, now: now))
    order.isForced = try body.flag("force") ?? false
    order.isDryRun = try body.flag("dryRun") ?? false
    order.waitsForBreaker = try body.flag("waitForBreaker") ?? false
    if let pace = try body.number("pace") {
      guard pace == 0 || ReplayOrder.paceRange.contains(pace) else {
        throw body.wrong(
          "pace", "give letters a second, from 0.1 to 1000, or 0 for the servers' own limits")
      }
      order.pace = pace == 0 ? nil : pace
    }
    order.arguments = try body.object("arguments")?.json
    if order.arguments != nil {
      guard case .ids(let ids) = order.selection, ids.count == 1 else {
        throw .badValue(
          field: "arguments", value: "", cure: "give them with the one id that they are for")
      }
    }
    order.token = try body.secret("token")
    order.owner = ControlOverride.cut(try body.text("owner") ?? ControlOverride.standardOwner)
    return order
  }

  static func write(_ order: ReplayOrder, to writer: inout JSONWriter) {
    ControlLetterChoice.write(order.selection, to: &writer)
    writer.member("force", order.isForced)
    writer.member("dryRun", order.isDryRun)
    writer.member("pace", order.pace ?? 0)
    writer.member("waitForBreaker", order.waitsForBreaker)
    if let arguments = order.arguments { writer.member("arguments", arguments) }
    if let token = order.token { writer.member("token", token.value) }
    if !order.owner.isEmpty { writer.member("owner", order.owner) }
  }

  /// Which replay is to stop; nil for every one.
  static func readStop(_ bytes: [UInt8]) throws(ControlError) -> Int? {
    let body = try ControlBody(bytes, fields: ["number", "all"], example: stopExample)
    let (number, all) = (try body.number("number"), try body.flag("all"))
    switch (number, all) {
    case (let number?, nil):
      guard let whole = Int(exactly: number), whole > 0 else {
        throw body.wrong("number", "give a replay's number, such as 3")
      }
      return whole
    case (nil, true?): return nil
    default:
      throw .badValue(
        field: "body", value: body.text, cure: "give number or all, such as \(stopExample)")
    }
  }

  static func writeStop(_ number: Int?, to writer: inout JSONWriter) {
    if let number { writer.member("number", number) } else { writer.member("all", true) }
  }
}

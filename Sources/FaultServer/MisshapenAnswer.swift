import Adapters
import FleetModel
import Wire

/// An answer that is well on its way and wrong in itself.
enum MisshapenAnswer: String, CaseIterable, Sendable {
  /// 202 without a body, as if the request were a notification.
  case accepted
  /// The id of another request.
  case otherID
  /// A boolean as the id.
  case booleanID
  /// No id at all.
  case noID
  /// Two different answers to one id; the first is right.
  case twice
  /// Text that is no UTF-8.
  case notUTF8
  /// JSON nested 100,000 levels deep.
  case deep
  /// A result whose type nobody knows.
  case unknownType
  /// 307 to another origin.
  case redirect
  /// A body of 1 GB.
  case huge
  /// One byte a second.
  case drip
  /// A megabyte that is no JSON, in lines, before the right answer; over HTTP instead of it.
  case noise
}

/// Where an answer goes that takes its time.
private enum Outlet: Sendable {
  case http(HTTPResponder)
  case line(LineChannel)

  func write(_ bytes: [UInt8]) {
    switch self {
    case .http(let responder): responder.write(bytes)
    case .line(let channel): channel.write(bytes)
    }
  }

  /// Goes on when there is room; never, when nobody is there any more.
  func whenWritable(_ body: @escaping @Sendable () -> Void) {
    switch self {
    case .http(let responder): responder.whenWritable { if $0 { body() } }
    case .line(let channel): channel.whenWritable(body)
    }
  }
}

extension MisbehavingServer {
  private static let hugeSize = 1 << 30
  private static let depth = 100_000
  private static let dripInterval = Duration.seconds(1)
  private static let filler = [UInt8](repeating: UInt8(ascii: "x"), count: 64 * 1024)
  /// More of a line than any client keeps, at once: other answers must not come in between.
  static let lineStart = [UInt8](repeating: UInt8(ascii: "x"), count: 8 << 20)
  /// Nobody is asked anything there: port 9 discards.
  private static let elsewhere = "http://127.0.0.1:9/mcp"
  private static let json: HTTPResponder.Headers = [("Content-Type", "application/json")]

  private static let noise = Array(
    (0..<20_000).map { "\($0) is no JSON \u{1B}[2J, and it is long enough here\n" }.joined().utf8)

  func send(
    _ shape: MisshapenAnswer, _ reply: RPCReply, id: JSONText, to responder: HTTPResponder
  ) {
    switch shape {
    case .accepted: responder.respond(status: 202)
    case .redirect: responder.respond(status: 307, headers: [("Location", Self.elsewhere)])
    case .noise: responder.respond(status: 200, headers: Self.json, body: Self.noise)
    case .twice:
      responder.startStream(status: 200, headers: Self.eventStream)
      for message in Self.messages(shape, reply, id) { responder.write(Self.event(message)) }
      responder.finish()
    case .huge:
      responder.startStream(status: 200, headers: Self.json, length: Self.hugeSize)
      responder.write(floodHead(id))
      fill(Self.hugeSize - floodHead(id).count, .http(responder))
    case .drip:
      responder.startStream(status: 200, headers: Self.json, length: reply.bytes.count)
      drip(reply.bytes[...], .http(responder))
    case .otherID, .booleanID, .noID, .notUTF8, .deep, .unknownType:
      let body = Self.messages(shape, reply, id).joined()
      responder.respond(status: 200, headers: Self.json, body: Array(body))
    }
  }

  func sendLine(_ shape: MisshapenAnswer, _ reply: RPCReply, id: JSONText) {
    guard let channel else { return }
    switch shape {
    // There is no such thing on standard streams: no answer comes.
    case .accepted, .redirect: return
    case .noise: channel.write(Self.noise + reply.bytes + [10])
    case .huge:
      channel.write(floodHead(id) + Self.lineStart)
      fill(Self.hugeSize - Self.lineStart.count, .line(channel))
    case .drip: drip((reply.bytes + [10])[...], .line(channel))
    case .twice, .otherID, .booleanID, .noID, .notUTF8, .deep, .unknownType:
      for message in Self.messages(shape, reply, id) { channel.write(message + [10]) }
    }
  }

  private static func messages(
    _ shape: MisshapenAnswer, _ reply: RPCReply, _ id: JSONText
  ) -> [[UInt8]] {
    func message(_ id: String, _ result: String) -> [UInt8] {
      Array(#"{"jsonrpc":"2.0",\#(id)"result":\#(result)}"#.utf8)
    }
    let own = #""id":\#(id.text),"#
    switch shape {
    case .otherID: return [message(#""id":987654321,"#, "{}")]
    case .booleanID: return [message(#""id":true,"#, "{}")]
    case .noID: return [message("", "{}")]
    case .twice: return [reply.bytes, message(own, #"{"second":true}"#)]
    case .notUTF8:
      let text = message(own, #"{"content":[{"type":"text","text":"?"}]}"#)
      return [text.map { $0 == UInt8(ascii: "?") ? 0xFF : $0 }]
    case .deep:
      let arrays =
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
      return [message(own, #"{"a":\#(arrays)}"#)]
    case .unknownType: return [message(own, #"{"resultType":"riddle"}"#)]
    case .accepted, .redirect, .huge, .drip, .noise: return [reply.bytes]
    }
  }

  private nonisolated func fill(_ count: Int, _ outlet: Outlet) {
    guard count > 0 else { return }
    outlet.whenWritable {
      outlet.write(Array(Self.filler.prefix(count)))
      self.fill(count - Self.filler.count, outlet)
    }
  }

  private nonisolated func drip(_ bytes: ArraySlice<UInt8>, _ outlet: Outlet) {
    guard let first = bytes.first else { return }
    outlet.whenWritable {
      outlet.write([first])
      _ = self.loop.schedule(at: self.loop.now + Self.dripInterval) {
        self.drip(bytes.dropFirst(), outlet)
      }
    }
  }
}

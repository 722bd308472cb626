import Adapters
import FleetModel
import Glibc
import Wire

/// A right answer and what is to be done to it.
struct FaultyAnswer: Sendable {
  var reply: RPCReply
  var fault: FaultRule?
  var asStream: Bool
  var id: JSONText
  var era: Dialect.Era
}

extension MisbehavingServer {
  /// No JSON, and no UTF-8 either.
  private static let garbage: [UInt8] =
    Array(#"{"jsonrpc":"2.0","#.utf8) + [0xff, 0xfe, 0x00, 0x1b]
  private static let rawGarbage: [UInt8] = Array("\u{16}\u{3}\u{1}SMTP/9.9 -7 yes\r\n".utf8)
  /// What a flood repeats.
  private static let floodPiece = [UInt8](repeating: UInt8(ascii: "x"), count: 32 * 1024)

  private static let json: HTTPResponder.Headers = [("Content-Type", "application/json")]
  static let eventStream: HTTPResponder.Headers = [
    ("Content-Type", "text/event-stream"), ("Cache-Control", "no-store"),
    ("X-Accel-Buffering", "no"),
  ]

  static func event(_ message: [UInt8]) -> [UInt8] {
    Array("event: message\ndata: ".utf8) + message + [10, 10]
  }

  func send(_ answer: FaultyAnswer, to exit: Exit) {
    switch exit {
    case .http(let responder): send(answer, to: responder)
    case .line: sendLine(answer)
    }
  }

  /// The answer as the fault leaves it, where the fault is in the message and not in its carriage.
  private func message(_ answer: FaultyAnswer) -> RPCReply {
    switch answer.fault?.effect {
    case .protocolError(let code, let message):
      RPCReply(
        id: answer.id, code, message + (plan.isHostile ? Hostile.text : ""), status: 200)
    case .toolError(let message):
      RPCReply(
        id: answer.id,
        result: shelf.toolError(
          message + (plan.isHostile ? Hostile.text : ""), era: answer.era))
    case .crash, .sessionLoss, .hang, .reset, .status, .garbage, .rawGarbage, .truncated, .flood,
      .misshapen, .eventStream, nil:
      answer.reply
    }
  }

  private func send(_ answer: FaultyAnswer, to responder: HTTPResponder) {
    let reply = message(answer)
    switch answer.fault?.effect {
    case .crash: crash()
    case .hang: responder.hang()
    case .reset:
      responder.startStream(status: 200, headers: Self.json, length: reply.bytes.count)
      responder.write(Array(reply.bytes.prefix(reply.bytes.count / 2)))
      responder.reset()
    case .status(let status, let retryAfter):
      responder.respond(
        status: status,
        headers: [("Content-Type", "text/plain")]
          + (retryAfter.map { [("Retry-After", retryAfterText($0))] } ?? []),
        body: Array("\(status), injected\n".utf8))
    case .garbage: responder.respond(status: 200, headers: Self.json, body: Self.garbage)
    case .rawGarbage:
      responder.sendRaw(Self.rawGarbage)
      responder.cutOff()
    case .truncated:
      let event = Self.event(reply.bytes)
      responder.startStream(status: 200, headers: Self.eventStream)
      responder.write(Array(event.prefix(event.count / 2)))
      responder.cutOff()
    case .flood:
      responder.startStream(
        status: 200, headers: answer.asStream ? Self.eventStream : Self.json)
      if answer.asStream { responder.write(Array("data: ".utf8)) }
      responder.write(floodHead(answer.id))
      flood(responder)
    case .misshapen(let shape): send(shape, reply, id: answer.id, to: responder)
    case .protocolError, .toolError, .sessionLoss, .eventStream, nil:
      guard answer.asStream, reply.status == 200 else {
        return responder.respond(
          status: reply.status, headers: Self.json + reply.headers, body: reply.bytes)
      }
      responder.startStream(status: 200, headers: Self.eventStream + reply.headers)
      responder.write(Self.event(reply.bytes))
      responder.finish()
    }
  }

  private func sendLine(_ answer: FaultyAnswer) {
    var line = message(answer).bytes
    switch answer.fault?.effect {
    case .crash: return crash()
    case .hang: return
    case .reset:
      channel?.write(Array(line.prefix(line.count / 2)))
      return crash()
    case .status(let status, _):
      line =
        RPCReply(id: answer.id, RPCCode.internalError, "\(status), injected", status: status).bytes
    case .garbage, .rawGarbage: line = Self.garbage
    case .truncated: line.removeLast(line.count / 2)
    case .flood:
      channel?.write(floodHead(answer.id) + Self.lineStart)
      return floodLine()
    case .misshapen(let shape): return sendLine(shape, message(answer), id: answer.id)
    case .protocolError, .toolError, .sessionLoss, .eventStream, nil: break
    }
    channel?.write(line + [10])
  }

  func floodHead(_ id: JSONText) -> [UInt8] {
    Array(#"{"jsonrpc":"2.0","id":\#(id.text),"result":{"content":[{"type":"text","text":""#.utf8)
  }

  private nonisolated func flood(_ responder: HTTPResponder) {
    responder.whenWritable { isWritable in
      guard isWritable else { return }
      responder.write(Self.floodPiece)
      self.flood(responder)
    }
  }

  private func floodLine() {
    channel?.whenWritable {
      self.assumeIsolated { server in
        server.channel?.write(Self.floodPiece)
        server.floodLine()
      }
    }
  }

  private func retryAfterText(_ form: FaultRule.RetryAfterForm) -> String {
    switch form {
    case .seconds(let seconds): String(seconds)
    case .date(let seconds): HTTPDate.text(loop.wallClock + .seconds(seconds))
    }
  }
}

@testable import Wire

/// What must hold of the reader of event streams: any pieces of a stream give the same events.
///
/// The first byte of the input is the seed of the pieces' sizes; the rest is the stream.
struct EventStreamJudge {
  let seed: UInt8
  let stream: ArraySlice<UInt8>

  init(_ input: [UInt8]) {
    seed = input.first ?? 0
    stream = input.dropFirst()
  }

  /// What is wrong; nil when all is right.
  func complaint() -> String? {
    let whole = EventStreamReading(of: [stream])
    if EventStreamReading(of: pieces()) != whole {
      return "pieces give other events than the whole"
    }
    if EventStreamReading(of: stream.map { [$0] }) != whole {
      return "bytes give other events than the whole"
    }
    return nil
  }

  private func pieces() -> [ArraySlice<UInt8>] {
    var pieces: [ArraySlice<UInt8>] = []
    var rest = stream
    var state = UInt32(seed) + 1
    while !rest.isEmpty {
      state = state &* 1_664_525 &+ 1_013_904_223
      let length = Int(state >> 24) % (seed % 2 == 0 ? 7 : 200)
      pieces.append(rest.prefix(length))
      rest = rest.dropFirst(length)
    }
    return pieces
  }
}

/// What a stream was read as.
private struct EventStreamReading: Equatable {
  /// Small, so that it is reached.
  static let byteLimit = 300

  var events: [ServerSentEvent] = []
  var isTooLarge = false
  var lastEventID: String?
  var reconnectionDelay: Duration?

  init(of pieces: some Sequence<some Sequence<UInt8>>) {
    var parser = ServerSentEvents(byteLimit: Self.byteLimit)
    do throws(ServerSentEvents.TooLarge) {
      for piece in pieces { events += try parser.feed(piece) }
      lastEventID = parser.lastEventID
      reconnectionDelay = parser.reconnectionDelay
    } catch {
      // What came before it in the same piece is lost with it.
      events = []
      isTooLarge = true
    }
  }
}

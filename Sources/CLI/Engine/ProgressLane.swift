import Adapters
import FleetModel
import Gateway
import Synchronization

/// Sends a call's progress and then its outcome to a client of the control socket.
///
/// Of reports that come faster than the client reads only the newest is kept.
final class ProgressLane: Sendable {
  /// Bytes of an outcome that are handed to the connection at once.
  private static let pieceSize = 256 << 10

  private struct State {
    var hasBegun = false
    var isBusy = false
    var newest: CallProgress?
    var isFinished = false
  }

  private let responder: HTTPResponder
  private let state = Mutex(State())

  init(_ responder: HTTPResponder) { self.responder = responder }

  /// From any thread.
  func report(_ progress: CallProgress) {
    state.withLock { state in
      guard !state.isFinished else { return }
      state.newest = progress
      guard !state.isBusy else { return }
      if !state.hasBegun {
        state.hasBegun = true
        responder.startStream(
          status: 200, headers: [("Content-Type", ControlLines.contentType)])
      }
      send(&state)
    }
  }

  /// The last of it: ends the stream, or is the whole answer where nothing was reported.
  func finish(_ response: ControlResponse) {
    let hasBegun = state.withLock { state in
      state.isFinished = true
      return state.hasBegun
    }
    guard hasBegun else {
      return responder.respond(
        status: response.status, headers: [("Content-Type", response.contentType)],
        body: response.body)
    }
    write(response.body[...])
  }

  private func send(_ state: inout State) {
    guard let progress = state.newest.take() else { return }
    state.isBusy = true
    responder.write(ControlLines.line(progress))
    responder.whenWritable { [self] isThere in
      self.state.withLock { state in
        state.isBusy = false
        if isThere, !state.isFinished { send(&state) }
      }
    }
  }

  private func write(_ rest: ArraySlice<UInt8>) {
    responder.write(Array(rest.prefix(Self.pieceSize)))
    let rest = rest.dropFirst(Self.pieceSize)
    guard !rest.isEmpty else { return responder.finish() }
    responder.whenWritable { [self] isThere in if isThere { write(rest) } }
  }
}

import CCurl
import FleetModel
import Wire

/// One request on its way through libcurl; lives on the event loop, owned by its `CurlClient`.
final class CurlTransfer {
  typealias ID = UInt64
  typealias Answer = Result<CurlResponse, Failure>
  typealias Chunk = Result<[UInt8]?, Failure>

  /// Where the answer stands.
  private enum State {
    /// Nothing was handed out; the body so far, complete or not.
    case collecting(CheckedContinuation<Answer, Never>)
    /// The caller reads chunk by chunk.
    case streaming(reader: CheckedContinuation<Chunk, Never>?)
    /// Nobody listens any more; the rest of the body is thrown away.
    case lingering
    /// The end was not fetched yet.
    case ended(Chunk)
  }

  /// Of a body that is handed out whole; also of what is thrown away after a stream's answer.
  static let answerLimit = 16 << 20
  /// Bytes of a stream that wait for their reader before the sender is stopped.
  static let unreadLimit = 64 << 10

  let id: ID
  let handle: CurlHandle
  let client: CurlClient
  private let streamedType: String
  private var state: State
  private var body: [UInt8] = []
  /// The handle was given back.
  var isReleased = false
  private var isPaused = false
  private var exceedsLimit = false
  private var connections = 0
  private let refusesPrivateAddresses: Bool
  /// Where the host's name led, when nothing may be sent there.
  private var refusedAddress: String?

  init(
    id: ID, handle: CurlHandle, client: CurlClient, streamedType: String,
    refusesPrivateAddresses: Bool,
    continuation: CheckedContinuation<Answer, Never>
  ) {
    self.id = id
    self.handle = handle
    self.client = client
    self.refusesPrivateAddresses = refusesPrivateAddresses
    self.streamedType = streamedType
    state = .collecting(continuation)
  }

  /// libcurl is about to send the request on a connection. The second time would be a repetition
  /// of a request whose first connection died without an answer: only the engine decides that.
  ///
  /// - Parameter address: who is at the other end.
  func mayUseConnection(to address: @autoclosure () -> String?) -> Bool {
    if refusesPrivateAddresses, let address = address(), HostAddress(address)?.reach != .world {
      refusedAddress = address
      return false
    }
    connections += 1
    return connections == 1
  }

  /// Takes bytes of the body; returns how many, or a code that stops or pauses the transfer.
  func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
    switch state {
    case .collecting(let continuation):
      if body.isEmpty, handle.answers(with: streamedType) {
        body.append(contentsOf: bytes)
        state = .streaming(reader: nil)
        let stream = CurlStream(client: client, transfer: id)
        continuation.resume(returning: .success(handle.response(body: .stream(stream))))
        return bytes.count
      }
      guard body.count + bytes.count <= Self.answerLimit else {
        exceedsLimit = true
        return 0
      }
      body.append(contentsOf: bytes)
    case .streaming(let reader?):
      state = .streaming(reader: nil)
      reader.resume(returning: .success(Array(bytes)))
    case .streaming(nil):
      guard body.count < Self.unreadLimit else {
        isPaused = true
        return Int(CURL_WRITEFUNC_PAUSE)
      }
      body.append(contentsOf: bytes)
    case .lingering, .ended: break
    }
    return bytes.count
  }

  /// libcurl is done with the transfer.
  ///
  /// - Returns: whether nobody will ask for it again.
  func end(_ code: CURLcode) -> Bool {
    var failure =
      code == CURLE_OK
      ? nil : handle.failure(code, exceedsLimit: exceedsLimit, connections: connections)
    if let refusedAddress {
      failure = Failure(
        .connectionRefused, "\(refusedAddress) is inside a private network", delivery: .notSent)
    }
    switch state {
    case .collecting(let continuation):
      continuation.resume(
        returning: failure.map { .failure($0) }
          ?? .success(handle.response(body: .complete(body))))
      return true
    case .streaming(let reader?):
      state = .ended(.success(nil))
      reader.resume(returning: failure.map { .failure($0) } ?? .success(nil))
      return false
    case .streaming(nil):
      state = .ended(failure.map { .failure($0) } ?? .success(nil))
      return false
    case .lingering: return true
    case .ended: return false
    }
  }

  /// Gives the reader what is there, or keeps it until something comes.
  ///
  /// - Returns: whether a paused sender may go on.
  func read(_ reader: CheckedContinuation<Chunk, Never>) -> Bool {
    if !body.isEmpty {
      reader.resume(returning: .success(body))
      body = []
      defer { isPaused = false }
      return isPaused
    }
    switch state {
    case .streaming(nil): state = .streaming(reader: reader)
    case .ended(let last):
      state = .ended(.success(nil))
      reader.resume(returning: last)
    case .collecting, .streaming, .lingering:
      preconditionFailure("a stream has one reader at a time")
    }
    return false
  }

  /// Nobody reads on.
  ///
  /// - Returns: whether the transfer is over already.
  func abandon() -> Bool {
    body = []
    if case .ended = state { return true }
    state = .lingering
    return false
  }

  /// The caller gave up, or the client shuts down.
  func fail(_ failure: Failure) {
    switch state {
    case .collecting(let continuation): continuation.resume(returning: .failure(failure))
    case .streaming(let reader): reader?.resume(returning: .failure(failure))
    case .lingering, .ended: break
    }
    state = .ended(.failure(failure))
  }

  /// Whether the request may have reached the server.
  var mayBeDelivered: Bool { connections > 1 || connections > 0 && handle.requestSize > 0 }
}

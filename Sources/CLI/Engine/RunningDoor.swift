import Adapters
import FleetModel
import Gateway

/// An engine in another process, over its control socket.
///
/// Answers are read on a thread of the door's own: the engine gives up a client that takes nothing
/// of an answer, and however busy this process is otherwise is no reason to take nothing.
struct RunningDoor: EngineDoor {
  /// A running engine says within this time that it is there.
  private static let patience = Duration.seconds(2)

  private let socket: String
  private let loop: EventLoop
  private let client: CurlClient

  init(socket: String) {
    self.socket = socket
    loop = EventLoop(name: "control")
    loop.start()
    client = CurlClient(loop: loop)
  }

  func isAlive() async -> Bool {
    await withTaskExecutorPreference(loop) {
      await withTaskGroup(of: Bool.self) { group in
        group.addTask {
          do throws(CommandFailure) { return try await answer(.engine).status == 200 } catch {
            // Why nobody answers makes no difference: a socket is left behind by a killed engine.
            return false
          }
        }
        group.addTask {
          await loop.sleep(until: loop.now + Self.patience)
          return false
        }
        let isAlive = await group.next() ?? false
        group.cancelAll()
        return isAlive
      }
    }
  }

  func answer(
    _ request: ControlRequest, onProgress: @escaping @Sendable (CallProgress) -> Void
  ) async throws(CommandFailure) -> ControlResponse {
    var question = CurlRequest(
      method: request.method == "GET" ? .get : .post, url: "http://mcpdash" + request.target,
      body: request.body, unixSocket: socket)
    question.streamedType = ControlLines.contentType
    if request.takesProgress {
      question.headers = [HeaderField(name: "Accept", value: ControlLines.contentType)]
    }
    let asked = question
    do throws(Failure) {
      return try await withTaskExecutorPreference(loop) { () async throws(Failure) in
        try await response(to: asked, onProgress)
      }
    } catch {
      throw CommandFailure("the mcpdash on \(socket) is gone: \(error.message)", .noEngine)
    }
  }

  private func response(
    to question: CurlRequest, _ onProgress: (CallProgress) -> Void
  ) async throws(Failure) -> ControlResponse {
    let response = try await client.send(question)
    let body =
      switch response.body {
      case .complete(let body): body
      case .stream(let stream): try await outcome(of: stream, onProgress)
      }
    return ControlResponse(
      status: response.status, contentType: response.contentType ?? "", body: body)
  }

  /// Reads to the end, so that the last report is told before the outcome is.
  private func outcome(
    of stream: CurlStream, _ onProgress: (CallProgress) -> Void
  ) async throws(Failure) -> [UInt8] {
    var (lines, outcome) = (ControlLines(), [UInt8]())
    while let bytes = try await stream.next() {
      do throws(ControlClientError) {
        for line in try lines.take(bytes) {
          switch line {
          case .progress(let progress): onProgress(progress)
          case .outcome(let document): outcome = document
          }
        }
      } catch {
        await stream.cancel()
        throw Failure(.malformedAnswer, error.description, delivery: .unknown)
      }
    }
    return outcome
  }

  func close() async {
    await client.shutdown()
    loop.stop()
  }
}

import Adapters
import FleetModel
import Gateway

/// An engine in another process, over its control socket.
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
    await withTaskGroup(of: Bool.self) { group in
      group.addTask {
        do throws(CommandFailure) { return try await answer(.engine).status == 200 } catch {
          // Why nobody answers makes no difference: a socket is left behind by a killed engine.
          return false
        }
      }
      group.addTask {
        // A cancelled wait means that the answer was there first.
        try? await Task.sleep(for: Self.patience)
        return false
      }
      let isAlive = await group.next() ?? false
      group.cancelAll()
      return isAlive
    }
  }

  func answer(_ request: ControlRequest) async throws(CommandFailure) -> ControlResponse {
    let question = CurlRequest(
      method: request.method == "GET" ? .get : .post, url: "http://mcpdash" + request.target,
      body: request.body, unixSocket: socket)
    do throws(Failure) {
      let response = try await client.send(question)
      switch response.body {
      case .complete(let body):
        return ControlResponse(
          status: response.status, contentType: response.contentType ?? "", body: body)
      case .stream(let stream):
        await stream.cancel()
        throw Failure(.malformedAnswer, "it sent a stream", delivery: .executed)
      }
    } catch {
      throw CommandFailure("the mcpdash on \(socket) is gone: \(error.message)", .noEngine)
    }
  }

  func close() async {
    await client.shutdown()
    loop.stop()
  }
}

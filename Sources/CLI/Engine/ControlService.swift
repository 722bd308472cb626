import Adapters
import FleetModel
import Gateway

/// The control interface of this process's engine on a Unix socket, for other commands.
struct ControlService: Sendable {
  /// How long answers on their way may take when the program ends.
  private static let grace = Duration.seconds(1)

  private let server: HTTPServer

  static func start(
    for engine: LocalEngine, in stateDirectory: String
  ) throws(CommandFailure) -> ControlService {
    try start(engine.control, on: engine.loop, in: stateDirectory)
  }

  static func start(
    _ control: ControlInterface, on loop: EventLoop, in stateDirectory: String
  ) throws(CommandFailure) -> ControlService {
    if let reason = PrivateDirectory.make(stateDirectory) {
      throw CommandFailure(
        "cannot make the directory \(stateDirectory): \(reason); choose another with --state-dir",
        .cannotCreate)
    }
    let server = HTTPServer(loop: loop) { request, responder in
      // The task belongs to its client, and ends with it.
      let answering = Task(executorPreference: loop) {
        var question = ControlRequest(
          method: request.method, target: request.target, body: request.body)
        question.takesProgress =
          request.header("Accept")?.contains(ControlLines.contentType) == true
        let lane = ProgressLane(responder)
        lane.finish(await control.answer(question, onProgress: { lane.report($0) }))
      }
      responder.onLeave { answering.cancel() }
    }
    do throws(ListenError) {
      try server.listenUnix(path: StandardPlaces.controlSocket(in: stateDirectory))
    } catch {
      throw CommandFailure(
        "\(error.message); if another mcpdash runs here, give this one its own --state-dir",
        .cannotCreate)
    }
    return ControlService(server: server)
  }

  func stop() async { await server.stop(grace: Self.grace) }
}

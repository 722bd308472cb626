import FleetModel
import Gateway

/// A way to one engine: a running one over its socket, or one of our own in this process.
protocol EngineDoor: Sendable {
  /// - Parameter onProgress: of a request that takes progress: each report on its call, from any
  ///   thread, never after the answer.
  /// - Throws: when the engine is gone.
  func answer(
    _ request: ControlRequest, onProgress: @escaping @Sendable (CallProgress) -> Void
  ) async throws(CommandFailure) -> ControlResponse
  /// Ends what was started for this door; a running engine goes on.
  func close() async
}

extension EngineDoor {
  func answer(_ request: ControlRequest) async throws(CommandFailure) -> ControlResponse {
    try await answer(request, onProgress: { _ in })
  }
}

/// Where a command gets its engine from.
protocol EngineDoors: Sendable {
  /// The engine that listens on this state directory's socket; nil when none answers.
  func running(in stateDirectory: String) async -> (any EngineDoor)?
  /// An engine of our own, already connecting to its servers.
  /// - Parameters:
  ///   - origin: where the configuration is from, to follow its changes.
  ///   - policy: how dead letters are kept, and where.
  ///   - state: the directory for state; nil where there is no place for one.
  ///   - tickInterval: how often it takes its picture.
  ///   - endsAtInterrupt: whether Ctrl-C ends it.
  func start(
    _ configuration: Configuration, from origin: ConfigurationOrigin,
    letters policy: DeadLetterPolicy, state: String?, tickInterval: Duration,
    endsAtInterrupt: Bool
  ) async throws(CommandFailure) -> any EngineDoor
  /// The dead letters of a store, with no engine behind them.
  func deadLetters(_ policy: DeadLetterPolicy) throws(CommandFailure) -> any EngineDoor
}

/// Why a command could not do its work: for the operator, and for the exit status.
struct CommandFailure: Error, Hashable, Sendable {
  var message: String
  var status: ExitStatus

  init(_ message: String, _ status: ExitStatus) {
    self.message = message
    self.status = status
  }

  /// What the engine's refusal means for the program's end.
  /// - Parameter server: the name that was asked for, to say what may have been meant.
  init(_ error: ControlClientError, about server: String? = nil) {
    switch error {
    case .refused(let status, let text, let known):
      let message = text + (server.map { Suggestion.phrase(for: $0, among: known) } ?? "")
      switch status {
      case 400, 404, 405, 413: self.init(message, .usage)
      case 503: self.init(message, .unavailable)
      default: self.init(message, .inputOutput)
      }
    case .unexpectedAnswer: self.init(error.description, .failure)
    }
  }
}

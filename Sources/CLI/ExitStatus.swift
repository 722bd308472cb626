/// Every status this program ends with; 64 and above are those of sysexits.h, 128 + n a signal's.
enum ExitStatus: Int32, CaseIterable, Sendable {
  case success = 0
  case failure = 1
  case toolError = 2
  case protocolError = 3
  case transportFailure = 4
  case noEngine = 5
  case usage = 64
  case badData = 65
  case noConfiguration = 66
  case unavailable = 69
  case internalError = 70
  case cannotCreate = 73
  case inputOutput = 74
  case interrupted = 130
  case brokenPipe = 141
  case terminated = 143

  /// One line for help and manual.
  var summary: String {
    switch self {
    case .success: "done"
    case .failure: "what was asked for failed, or was done in part"
    case .toolError: "the tool ran and says that it failed"
    case .protocolError: "the server answered with a JSON-RPC error"
    case .transportFailure: "no answer that counts; the call may be kept as a dead letter"
    case .noEngine: "this needs a running mcpdash, and none answers"
    case .usage: "unknown command, flag or value"
    case .badData: "a configuration or an argument is not what it must be"
    case .noConfiguration: "there is no configuration, or it cannot be read"
    case .unavailable: "a server cannot be reached, or is not well"
    case .internalError: "a mistake in mcpdash itself; please report it"
    case .cannotCreate: "a file, directory or socket cannot be made"
    case .inputOutput: "reading or writing failed, or there is no terminal"
    case .interrupted: "ended by Ctrl-C (SIGINT)"
    case .brokenPipe: "whoever read the output stopped reading (SIGPIPE)"
    case .terminated: "ended by SIGTERM"
    }
  }
}

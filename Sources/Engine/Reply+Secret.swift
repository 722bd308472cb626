package import FleetModel

extension Reply {
  /// It says in words of the server's or of ours what went wrong.
  package var isTrouble: Bool {
    switch self {
    case .success, .toolError: false
    case .protocolError, .failure: true
    }
  }

  /// With `…` in these words wherever a secret stands.
  package func without(_ secrets: [Secret]) -> Reply {
    switch self {
    case .success, .toolError: return self
    case .protocolError(var error):
      error.message = error.message.without(secrets)
      return .protocolError(error)
    case .failure(var failure):
      failure.message = failure.message.without(secrets)
      return .failure(failure)
    }
  }
}

import FleetModel
import Wire

/// What an answer says about a server's life.
enum Liveness {
  /// - Throws: when the reply is no sign of life.
  static func judge(_ reply: Reply) throws(Failure) {
    switch reply {
    // Even a refusal is said by somebody.
    case .success, .toolError: return
    case .protocolError(let error):
      guard let status = error.httpStatus, status >= 500 else { return }
      throw Classification.failure(status: status, detail: error.message)
    case .failure(let failure): throw failure
    }
  }
}

import FleetModel

extension ServerDefinition {
  /// Without the secrets that we sent the server: it may say them back to us.
  func clean(_ text: String) -> String {
    let endpoints = [endpoint] + choices.map(\.endpoint)
    // The longest first: one may be a part of another.
    return Set(endpoints.flatMap(\.secrets)).sorted {
      ($1.value.utf8.count, $0.value) < ($0.value.utf8.count, $1.value)
    }.reduce(text) { $0.without($1) }
  }

  /// The same of what a failure or an error says.
  func clean(_ reply: Reply) -> Reply {
    switch reply {
    case .success, .toolError: return reply
    case .protocolError(var error):
      error.message = clean(error.message)
      return .protocolError(error)
    case .failure(var failure):
      failure.message = clean(failure.message)
      return .failure(failure)
    }
  }
}

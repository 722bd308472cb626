import Engine
import FleetModel

/// The one way of a request to the server: with its credentials, and once more where the server
/// asks for others.
extension Authorizer {
  /// Sends with credentials and answers the server's challenges.
  ///
  /// - Parameter token: the caller's own; it goes where the request goes and nowhere else.
  /// - Throws: `unauthorized` with what to do about it, when a challenge cannot be answered.
  func send(
    _ request: CurlRequest, token: Secret? = nil
  ) async throws(Failure) -> CurlResponse {
    var attempt = 0
    while true {
      let credentials = try await credentials(for: token)
      var response = try await curl.send(credentials.added(to: request))
      guard response.status == 401 || response.status == 403 else {
        if attempt > 0 { accepted() }
        return response
      }
      if case .stream(let stream) = response.body {
        await stream.cancel()
        response.body = .complete([])
      }
      guard try await challenged(by: response, under: credentials, attempt: attempt) else {
        return response
      }
      attempt += 1
    }
  }

  /// Without the credentials held, which a server may say back where it tells what went wrong.
  nonisolated func clean(_ exchange: Exchange) async -> Exchange {
    guard exchange.reply.isTrouble else { return exchange }
    var exchange = exchange
    exchange.reply = exchange.reply.without(await secrets)
    return exchange
  }

  /// Sends with credentials; a refusal is an answer like any other.
  func sendUnchallenged(_ request: CurlRequest) async throws(Failure) -> CurlResponse {
    try await curl.send(try await credentials(for: nil).added(to: request))
  }
}

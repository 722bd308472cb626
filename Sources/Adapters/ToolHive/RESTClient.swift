package import FleetModel

/// Asks REST interfaces for whole documents, each within a time.
package actor RESTClient {
  private let loop: EventLoop
  private let curl: CurlClient

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    loop.asUnownedSerialExecutor()
  }

  /// - Parameter certificateAuthority: a PEM file that alone says whom to trust; nil is the
  ///   system's.
  package init(loop: EventLoop, certificateAuthority: String? = nil) {
    self.loop = loop
    curl = CurlClient(
      loop: loop,
      authorities: certificateAuthority.map { CertificateAuthorities(file: $0) } ?? .environment())
  }

  /// One whole answer, whatever its status.
  ///
  /// - Throws: `tryTimeout` when the time is over, `cancelled` when the caller is.
  package func ask(
    _ request: CurlRequest, within limit: Duration
  ) async throws(Failure) -> RESTAnswer {
    let curl = curl
    let answer = await loop.limited(to: limit) { () async -> Result<RESTAnswer, Failure> in
      await Self.answer(to: request, from: curl)
    }
    if case .failure(let failure) = answer, failure.kind == .cancelled, !Task.isCancelled {
      throw Failure(
        .tryTimeout, "no answer within \(limit.seconds) s", delivery: failure.delivery)
    }
    return try answer.get()
  }

  package func shutdown() async { await curl.shutdown() }

  private static func answer(
    to request: CurlRequest, from curl: CurlClient
  ) async -> Result<RESTAnswer, Failure> {
    do throws(Failure) {
      let response = try await curl.send(request)
      switch response.body {
      case .complete(let body):
        return .success(RESTAnswer(status: response.status, body: body))
      case .stream(let stream):
        await stream.cancel()
        throw Failure(
          .malformedAnswer, "it answers with a stream of events", delivery: .executed)
      }
    } catch {
      return .failure(error)
    }
  }
}

/// What a REST interface answered.
package struct RESTAnswer: Hashable, Sendable {
  package var status: Int
  package var body: [UInt8]

  package init(status: Int, body: [UInt8]) { (self.status, self.body) = (status, body) }
}

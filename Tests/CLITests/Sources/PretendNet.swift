import Adapters
import FleetModel
import Synchronization

@testable import CLI

/// A world for the clients of ToolHive and Kubernetes: answers by rule, and a clock that jumps.
final class PretendNet: Sendable {
  /// What one request meets; nil is a port that nobody listens on.
  typealias Rule = @Sendable (_ request: String, _ net: PretendNet) async -> Answer?

  enum Answer: Sendable {
    case reply(Int, String)
    /// No answer in time, though the request may have come through.
    case lost
  }

  private struct Book {
    var now = Instant.origin
    var requests: [String] = []
    var headers: [[HeaderField]] = []
    var log: [String] = []
  }

  private let book = Mutex(Book())
  private let rule: Mutex<Rule>

  init(_ rule: @escaping Rule) { self.rule = Mutex(rule) }

  var requests: [String] { book.withLock { $0.requests } }
  var log: [String] { book.withLock { $0.log } }
  var headers: [[HeaderField]] { book.withLock { $0.headers } }

  func count(_ request: String) -> Int { requests.count { $0 == request } }

  func change(_ new: @escaping Rule) { rule.withLock { $0 = new } }

  var world: DiscoveryWorld {
    DiscoveryWorld(
      now: { self.book.withLock { $0.now } }, sleep: { await self.sleep(until: $0) },
      ask: { request, _ throws(Failure) in try await self.answer(request) },
      log: { line in self.book.withLock { $0.log.append(line.line) } })
  }

  /// The clock jumps there. Waits of half a minute and more only end with their task, so that a
  /// search is not over before it began.
  private func sleep(until instant: Instant) async {
    let isLong = book.withLock { book in
      guard instant - book.now < .seconds(30) else { return true }
      book.now = max(book.now, instant)
      return false
    }
    await Task.yield()
    guard isLong else { return }
    let (silence, _) = AsyncStream<Void>.makeStream()
    for await _ in silence {}
  }

  /// Requests are written `GET 50000/api/…`, the host left out.
  private func answer(_ request: CurlRequest) async throws(Failure) -> RESTAnswer {
    let place = request.url.split(separator: ":").dropFirst(2).joined(separator: ":")
    let text = "\(request.method.rawValue) \(place)"
    book.withLock {
      $0.requests.append(text)
      $0.headers.append(request.headers)
    }
    switch await rule.withLock({ $0 })(text, self) {
    case .reply(let status, let body): return RESTAnswer(status: status, body: Array(body.utf8))
    case .lost: throw Failure(.tryTimeout, "no answer", delivery: .unknown)
    case nil: throw Failure(.connectionRefused, "refused", delivery: .notSent)
    }
  }

  /// A ToolHive on one port, and nobody else.
  static func toolHive(
    on port: Int, workloads: String = "[]", version: String = "v0.6.1"
  ) -> Rule {
    { request, _ in
      guard request.contains(" \(port)/") else { return nil }
      if request.hasSuffix("/version") { return .reply(200, "{\"version\": \"\(version)\"}") }
      if request.contains("/registry/") { return .reply(200, "{\"servers\": []}") }
      return .reply(200, "{\"workloads\": \(workloads)}")
    }
  }
}

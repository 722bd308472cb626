import FleetModel
import Telemetry

/// Why a request is not carried out; each becomes an answer that says what to do.
enum ControlError: Error, Hashable, Sendable {
  case unknownRoute(path: String)
  case wrongMethod(String, path: String, allowed: [String])
  case bodyTooLarge(byteCount: Int)
  /// A field of the body or the query, what was there, and what should be.
  case badValue(field: String, value: String, cure: String)
  case unknownServer(String, known: [String])
  case noSuchDeadLetter(DeadLetterID)
  /// The dead-letter store failed, with its own words.
  case store(String)
  case invalid(String)
  case unreachable(String)

  init(_ error: CommandError) {
    switch error {
    case .unknownServer(let name, let known): self = .unknownServer(name, known: known)
    case .noSuchDeadLetter(let id): self = .noSuchDeadLetter(id)
    case .store(let words): self = .store(words)
    case .invalid(let words): self = .invalid(words)
    case .unreachable(let words): self = .unreachable(words)
    }
  }

  /// `{"error": {"message": …}}`, and beside the message what a program can use.
  var response: ControlResponse {
    var writer = JSONWriter()
    writer.object {
      $0.key("error")
      $0.object {
        $0.member("message", message)
        members(&$0)
      }
    }
    return .json(PlainText.escapingHidden(in: writer.json), status: status)
  }

  private var status: Int {
    switch self {
    case .badValue, .invalid: 400
    case .unknownRoute, .unknownServer, .noSuchDeadLetter: 404
    case .wrongMethod: 405
    case .bodyTooLarge: 413
    case .store: 500
    case .unreachable: 503
    }
  }

  private var message: String {
    switch self {
    case .unknownRoute(let path): "there is no route \(Self.short(path))"
    case .wrongMethod(let method, let path, let allowed):
      "\(Self.short(path)) does not take \(Self.short(method)); "
        + "use \(allowed.joined(separator: " or "))"
    case .bodyTooLarge(let byteCount):
      "the body has \(byteCount) bytes; the limit is \(ControlRequest.bodyLimit)"
    case .badValue(let field, let value, let cure):
      "\(field): \(value.isEmpty ? "nothing" : Self.short(value)) is wrong here; \(cure)"
    case .unknownServer(let name, let known):
      known.isEmpty
        ? "there is no server \(Self.short(name)); this engine has none"
        : "there is no server \(Self.short(name)); there is \(known.joined(separator: ", "))"
    case .noSuchDeadLetter(let id): "there is no dead letter \(id)"
    case .store(let words): "the dead-letter store failed: \(words)"
    case .invalid(let words): words
    case .unreachable(let words): "the engine could not be reached: \(words)"
    }
  }

  private func members(_ writer: inout JSONWriter) {
    switch self {
    case .unknownRoute:
      Self.list("routes", ControlRoute.allCases.map { "\($0.method) \($0.path)" }, &writer)
    case .wrongMethod(_, _, let allowed): Self.list("allowed", allowed, &writer)
    case .badValue(let field, let value, let cure):
      writer.member("field", field)
      writer.member("value", Self.short(value))
      writer.member("cure", cure)
    case .unknownServer(_, let known): Self.list("known", known, &writer)
    case .bodyTooLarge, .noSuchDeadLetter, .store, .invalid, .unreachable: break
    }
  }

  private static func list(_ name: String, _ values: [String], _ writer: inout JSONWriter) {
    writer.key(name)
    writer.array { writer in
      for value in values { writer.value(value) }
    }
  }

  /// Characters of a wrong value that its error repeats.
  private static let valueLimit = 80

  private static func short(_ value: String) -> String {
    let start = value.prefix(valueLimit)
    return start.endIndex == value.endIndex ? value : start + "…"
  }
}

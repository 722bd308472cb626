package import FleetModel

/// What a server tells without being asked.
package enum ServerNotice: Hashable, Sendable {
  case toolsChanged
  /// How the methods begin whose answers are old now.
  case readsChanged(String)
  /// - Parameter token: of the request; ours are attempts' numbers.
  case progress(token: Int, CallProgress)
  case logged(SessionPolicy.LogLevel, String)
  /// The first message of a `subscriptions/listen` stream.
  case acknowledged
  /// The server ends one of our requests: a `subscriptions/listen`.
  case ended(id: Int)
  /// Anything else, and what cannot be read.
  case other

  package init(method: String, params: JSONView?) {
    switch method {
    case MCPMethod.toolsChanged: self = .toolsChanged
    case MCPMethod.progress: self = Self.progress(params)
    case MCPMethod.logMessage: self = Self.logged(params)
    case MCPMethod.acknowledged: self = .acknowledged
    case MCPMethod.cancelled:
      let id = params?.member("requestId").flatMap { Classification.number($0.json) }
      self = id.map { .ended(id: $0) } ?? .other
    default: self = MCPMethod.changedReads(by: method).map { .readsChanged($0) } ?? .other
    }
  }

  /// The listen request that a modern notification belongs to; nil when it names none.
  package static func subscription(of params: JSONView?) -> Int? {
    params?.member("_meta")?.member("io.modelcontextprotocol/subscriptionId")
      .flatMap { Classification.number($0.json) }
  }

  private static func progress(_ params: JSONView?) -> ServerNotice {
    guard let token = params?.member("progressToken").flatMap({ Classification.number($0.json) }),
      let progress = params?.member("progress")?.double, progress.isFinite
    else { return .other }
    let total = params?.member("total")?.double.flatMap { $0.isFinite ? $0 : nil }
    let message = params?.member("message")?.string.map { ServerText.line($0) }
    return .progress(token: token, CallProgress(progress: progress, total: total, message: message))
  }

  private static func logged(_ params: JSONView?) -> ServerNotice {
    guard let params, let data = params.member("data") else { return .other }
    let level =
      params.member("level")?.string.flatMap(SessionPolicy.LogLevel.init(rawValue:)) ?? .info
    let logger = params.member("logger")?.string.map { ServerText.line($0, limit: 40) + ": " } ?? ""
    // The text is cut to its first bytes before anything looks at it.
    let text = data.string ?? data.member("message")?.string ?? data.json.text
    return .logged(level, ServerText.line(logger + text.prefix(ServerText.characterLimit * 2)))
  }
}

extension SessionPolicy.LogLevel {
  /// 0 for `debug`.
  package var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }

  package var severity: Notice.Severity {
    switch self {
    case .debug, .info, .notice: .info
    case .warning: .warning
    case .error, .critical, .alert, .emergency: .error
    }
  }
}

package import FleetModel

/// What came back when a server was asked `server/discover`.
package enum ProbeOutcome: Sendable {
  /// A JSON-RPC response.
  case answered(RPCAnswer, httpStatus: Int?)
  /// An HTTP answer that is none: the status, and what the operator should read about it.
  case refused(status: Int, Failure)
  /// Nothing in time.
  case silent
  /// The server was not reached, or broke off.
  case failed(Failure)
}

/// What to do after a probe.
package enum EraVerdict: Hashable, Sendable {
  /// Speak this version, each request for itself.
  case modern(version: String)
  /// Say `initialize`.
  case handshake
  /// Ask again, once, in this version.
  case retryAt(version: String)
  /// This says nothing about the era: do not remember it, fail as the failure says.
  case inconclusive(Failure)
  /// There is no version in common, or the server refuses what we must send.
  case incompatible(Failure)
}

/// Chooses the era of a server from the answer to its probe (S26, versioning; restated as a table
/// in `EraProbeTests`).
package enum EraProbe {
  /// - Parameter isRetry: the answer is to a probe that `retryAt` asked for, or that followed an
  ///   `initialize` refused as too old; there is no third.
  package static func verdict(_ outcome: ProbeOutcome, isRetry: Bool) -> EraVerdict {
    switch outcome {
    case .answered(.result(let result), _): verdict(supported: supportedVersions(result))
    case .answered(.error(let error), let status): verdict(error, status: status, isRetry: isRetry)
    case .refused(let status, let failure): verdict(status: status, failure)
    case .silent: .handshake
    case .failed(let failure): .inconclusive(failure)
    }
  }

  /// The modern version to ask for again, when an `initialize` was refused because the server is
  /// modern.
  package static func modernVersion(refusing error: RPCError) -> String? {
    guard error.code == RPCCode.unsupportedVersion else { return nil }
    return ProtocolVersion.modern.first(where: supportedVersions(error).contains)
  }

  /// Whether a refused `initialize` may come of a server that only knows HTTP with SSE of
  /// 2024-11-05: 400, 404 or 405, and no error that only a modern server gives.
  package static func suggestsLegacyStream(status: Int, _ reply: Reply) -> Bool {
    guard [400, 404, 405].contains(status) else { return false }
    switch reply {
    case .success, .toolError: return false
    case .failure: return true
    case .protocolError(let error):
      return ![RPCCode.headerMismatch, RPCCode.missingCapability, RPCCode.unsupportedVersion]
        .contains(error.code)
    }
  }

  private static func verdict(supported: [String]) -> EraVerdict {
    // A stateful server may answer although it lists handshake revisions only, or nothing.
    ProtocolVersion.modern.first(where: supported.contains).map { .modern(version: $0) }
      ?? .handshake
  }

  private static func verdict(
    _ error: RPCError, status: Int?, isRetry: Bool
  ) -> EraVerdict {
    switch error.code {
    case RPCCode.unsupportedVersion:
      let supported = supportedVersions(error)
      if !isRetry, let version = ProtocolVersion.modern.first(where: supported.contains) {
        return .retryAt(version: version)
      }
      if supported.contains(where: ProtocolVersion.handshake.contains) { return .handshake }
      return .incompatible(noCommonVersion(supported))
    case RPCCode.headerMismatch, RPCCode.missingCapability:
      return .incompatible(
        Failure(
          .incompatibleProtocol,
          "the server refused the request's headers or capabilities (\(error.code)): "
            + error.message, delivery: .refused))
    default:
      // A proxy's 401, 429 or 5xx may carry a JSON-RPC body too; its status counts.
      guard let status else { return .handshake }
      return verdict(
        status: status, Classification.failure(status: status, detail: error.message))
    }
  }

  private static func verdict(status: Int, _ failure: Failure) -> EraVerdict {
    switch status {
    case 401, 403, 407, 408, 429, 500...599, 300...399: .inconclusive(failure)
    default: .handshake
    }
  }

  private static func supportedVersions(_ result: JSONView) -> [String] {
    result.member("supportedVersions")?.elements.compactMap(\.string) ?? []
  }

  private static func supportedVersions(_ error: RPCError) -> [String] {
    error.data.flatMap { JSONView(trusted: $0).member("supported") }?
      .elements.compactMap(\.string) ?? []
  }

  private static func noCommonVersion(_ supported: [String]) -> Failure {
    let theirs = supported.isEmpty ? "no version" : supported.joined(separator: ", ")
    let ours = (ProtocolVersion.modern + ProtocolVersion.handshake).joined(separator: ", ")
    return Failure(
      .incompatibleProtocol, "the server speaks \(theirs); this client speaks \(ours)",
      delivery: .refused)
  }
}

import FleetModel
import Testing

@testable import Wire

@Suite struct `The era of a server whose discover` {
  private func result(_ json: String) throws -> ProbeOutcome {
    .answered(.result(try JSONView(Array(json.utf8))), httpStatus: 200)
  }

  private func error(_ code: Int, supported: [String]? = nil, status: Int? = nil) -> ProbeOutcome {
    var data = JSONWriter()
    data.object { writer in
      writer.member("supported", array: { list in (supported ?? []).forEach { list.value($0) } })
    }
    return .answered(
      .error(RPCError(code: code, message: "no", data: supported == nil ? nil : data.json)),
      httpStatus: status)
  }

  private func verdict(_ outcome: ProbeOutcome, isRetry: Bool = false) -> EraVerdict {
    EraProbe.verdict(outcome, isRetry: isRetry)
  }

  @Test func `lists a modern version of ours is modern`() throws {
    #expect(
      verdict(try result(#"{"supportedVersions":["2025-11-25","2026-07-28","2030-01-01"]}"#))
        == .modern(version: "2026-07-28"))
  }

  @Test(arguments: [
    "{}", #"{"supportedVersions":["2025-11-25"]}"#, #"{"supportedVersions":["2030-01-01"]}"#,
    #"{"supportedVersions":"2026-07-28"}"#, "[]", "7",
  ])
  func `lists none of ours, or is unreadable, is handshake`(json: String) throws {
    #expect(verdict(try result(json)) == .handshake)
  }

  @Test func `refuses the version but names a mutual one is asked again once`() {
    let refusal = error(RPCCode.unsupportedVersion, supported: ["2026-07-28"], status: 400)
    #expect(verdict(refusal) == .retryAt(version: "2026-07-28"))
    guard case .incompatible = verdict(refusal, isRetry: true) else {
      Issue.record("a second refusal must end the probing")
      return
    }
  }

  @Test func `refuses the version and names handshake ones is handshake`() {
    #expect(
      verdict(error(RPCCode.unsupportedVersion, supported: ["2025-06-18"], status: 400))
        == .handshake)
  }

  @Test func `refuses the version and has none in common is incompatible`() {
    guard
      case .incompatible(let failure) = verdict(
        error(RPCCode.unsupportedVersion, supported: ["2031-01-01"], status: 400))
    else {
      Issue.record("not incompatible")
      return
    }
    #expect(failure.kind == .incompatibleProtocol)
    #expect(failure.message.contains("2031-01-01"))
  }

  @Test(arguments: [RPCCode.headerMismatch, RPCCode.missingCapability])
  func `is refused for its headers or capabilities is never taken for handshake`(code: Int) {
    guard case .incompatible = verdict(error(code, status: 400)) else {
      Issue.record("not incompatible")
      return
    }
  }

  @Test(arguments: [-32600, -32601, -32602, -32000, -32603, 7], [400, 404, 200, nil])
  func `fails with any other JSON-RPC error is handshake`(code: Int, status: Int?) {
    #expect(verdict(error(code, status: status)) == .handshake)
  }

  @Test(arguments: [400, 404, 405, 406, 415, 200, 202])
  func `meets a plain refusal is handshake`(status: Int) {
    #expect(
      verdict(.refused(status: status, Classification.failure(status: status))) == .handshake)
  }

  @Test(arguments: [401, 403, 407, 408, 429, 500, 502, 503, 504, 301])
  func `meets a status that says nothing of eras stays open`(status: Int) {
    let failure = Classification.failure(status: status)
    #expect(verdict(.refused(status: status, failure)) == .inconclusive(failure))
    guard case .inconclusive = verdict(error(-32000, status: status)) else {
      Issue.record("a JSON-RPC body under \(status) must not decide the era")
      return
    }
  }

  @Test func `stays without an answer is handshake`() {
    #expect(verdict(.silent) == .handshake)
  }

  @Test func `does not reach the server stays open`() {
    let failure = Failure(.connectionRefused, "refused", delivery: .notSent)
    #expect(verdict(.failed(failure)) == .inconclusive(failure))
  }

  @Test func `was skipped and whose initialize names a modern version is modern after all`() {
    let data = JSONText(unchecked: Array(#"{"supported":["2026-07-28"]}"#.utf8))
    let refusal = RPCError(code: RPCCode.unsupportedVersion, message: "", data: data)
    #expect(EraProbe.modernVersion(refusing: refusal) == "2026-07-28")
    #expect(EraProbe.modernVersion(refusing: RPCError(code: -32602, message: "")) == nil)
  }
}

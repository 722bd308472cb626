import FleetModel
import Resilience
import Testing

@Suite struct BreakerVerdictTests {
  @Test(
    arguments: [
      .success(.emptyObject), .toolError(.emptyObject),
      .protocolError(RPCError(code: -32602, message: "params")),
      .protocolError(RPCError(code: -32601, message: "method", httpStatus: 404)),
      .failure(.of(.httpStatus(404))), .failure(.of(.httpStatus(302))),
      .failure(.of(.unauthorized)),
    ] as [Reply])
  func `an answer is a success`(reply: Reply) {
    #expect(Breaker.verdict(on: reply, policy: BreakerPolicy()) == .success)
  }

  @Test(
    arguments: [
      (.failure(.of(.httpStatus(503))), "503"), (.failure(.of(.httpStatus(500))), "500"),
      (.failure(.of(.httpStatus(501))), "501"),
      (.failure(.of(.connectionRefused)), "refused"), (.failure(.of(.tryTimeout)), "timeout"),
      (.failure(.of(.nameNotResolved)), "no such host"), (.failure(.of(.tls)), "TLS"),
      (.failure(.of(.malformedAnswer)), "malformed answer"),
      (.failure(.of(.answerTooLarge)), "answer too large"),
      (.failure(.of(.spawnFailed)), "cannot start"),
      (.failure(.of(.processExited)), "process exited"),
      (.failure(.of(.connectionReset)), "reset"),
      (.failure(.of(.notConnected)), "not connected"),
      (.failure(.of(.incompatibleProtocol)), "incompatible protocol"),
      (.protocolError(RPCError(code: -32603, message: "internal")), "error -32603"),
      (.protocolError(RPCError(code: -32000, message: "busy", httpStatus: 503)), "503"),
    ] as [(Reply, String)])
  func `a server that does not do its work fails under a label`(reply: Reply, label: String) {
    #expect(Breaker.verdict(on: reply, policy: BreakerPolicy()) == .failure(label))
  }

  @Test(
    arguments: [
      .failure(.of(.httpStatus(429))), .failure(.of(.cancelled)), .failure(.of(.breakerOpen)),
      .failure(.of(.poolExhausted)), .failure(.of(.unknownServer)),
      .failure(.of(.shuttingDown)), .failure(.of(.totalTimeout)), .failure(.of(.sessionLost)),
      .protocolError(RPCError(code: -32603, message: "slow down", httpStatus: 429)),
    ] as [Reply])
  func `what says nothing about the server is neutral`(reply: Reply) {
    #expect(Breaker.verdict(on: reply, policy: BreakerPolicy()) == .neutral)
  }

  @Test(
    arguments: [
      (.failure(.of(.httpStatus(429))), .failure("429")),
      (
        .protocolError(RPCError(code: -32603, message: "slow down", httpStatus: 429)),
        .failure("429")
      ),
      (.protocolError(RPCError(code: -32603, message: "internal")), .success),
      (
        .protocolError(RPCError(code: -32603, message: "internal", httpStatus: 500)),
        .failure("500")
      ),
      (.failure(.of(.httpStatus(503))), .failure("503")),
    ] as [(Reply, Breaker.Verdict)])
  func `a policy may see 429 as a failure and internal errors as none`(
    reply: Reply, verdict: Breaker.Verdict
  ) {
    var policy = BreakerPolicy()
    policy.tooManyRequestsFails = true
    policy.internalErrorFails = false
    #expect(Breaker.verdict(on: reply, policy: policy) == verdict)
  }
}

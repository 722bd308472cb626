import FleetModel
import Wire

/// What a server may ask of its client, in the handshake era.
enum PeerRequest {
  /// `ping` and forms are answered; for everything else we declared no capability.
  ///
  /// - Returns: the response, and what the operator should know of it.
  static func response(
    to id: JSONText, _ method: String, _ params: JSONView?, answer: SessionPolicy.InputAnswer
  ) -> (bytes: [UInt8], note: String?) {
    if method == MCPMethod.ping {
      return (RPCEncoder.response(id: id, result: .emptyObject), nil)
    }
    if let elicitation = Elicitation(method: method, params: params, answer: answer) {
      return (RPCEncoder.response(id: id, result: elicitation.result), elicitation.note)
    }
    let name = ServerText.line(method, limit: 60)
    let error = RPCError(
      code: RPCCode.methodNotFound, message: "this client has no \(name)")
    return (
      RPCEncoder.response(id: id, error: error), "asked for \(name), which is not offered; refused"
    )
  }
}

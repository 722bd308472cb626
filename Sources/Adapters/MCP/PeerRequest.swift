import FleetModel
import Wire

/// What a server may ask of its client.
enum PeerRequest {
  /// `ping` is answered; for everything else we declared no capability.
  static func answer(_ id: JSONText, _ method: String) -> [UInt8] {
    method == MCPMethod.ping
      ? RPCEncoder.response(id: id, result: .emptyObject)
      : RPCEncoder.response(
        id: id,
        error: RPCError(
          code: RPCCode.methodNotFound, message: "this client has no \(method)"))
  }
}

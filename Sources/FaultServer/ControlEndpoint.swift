import Adapters
import FleetModel
import Wire

/// `/fault`: what is wrong, what happened, and how to change it.
extension MisbehavingServer {
  func handleControl(_ request: HTTPRequest, _ responder: HTTPResponder, isShared: Bool) {
    switch (request.method, String(request.path)) {
    case ("GET", "/fault"): respondState(responder)
    case ("PUT", "/fault"): change(FaultPlan(), request, responder, isShared: isShared)
    case ("POST", "/fault"): change(plan, request, responder, isShared: isShared)
    case ("POST", "/fault/crash"): crash()
    case (_, "/fault"):
      responder.respond(status: 405, headers: [("Allow", "GET, PUT, POST")])
    case (_, "/fault/crash"): responder.respond(status: 405, headers: [("Allow", "POST")])
    default: responder.respond(status: 404)
    }
  }

  private func change(
    _ base: FaultPlan, _ request: HTTPRequest, _ responder: HTTPResponder, isShared: Bool
  ) {
    var changed = base
    do {
      let view = try JSONView(request.body)
      try changed.merge(PlanField(view, path: "faults", name: "faults"))
      if isShared, let refused = changed.refused, refused.seconds == nil {
        throw PlanError(
          path: "faults.refused", value: "true",
          cure: "give {\"seconds\": N}: nobody could end it over a refused port")
      }
    } catch let error as PlanError {
      return refuse("\(error)", responder)
    } catch {
      return refuse("the body is no JSON: \(error)", responder)
    }
    apply(changed, asker: responder)
    respondState(responder)
  }

  private func refuse(_ message: String, _ responder: HTTPResponder) {
    var writer = JSONWriter()
    writer.object { $0.member("error", message) }
    responder.respond(
      status: 400, headers: [("Content-Type", "application/json")], body: writer.bytes)
  }

  private func respondState(_ responder: HTTPResponder) {
    var writer = JSONWriter()
    writer.object {
      $0.key("faults")
      plan.write(to: &$0)
      $0.key("counters")
      counters.write(to: &$0)
      $0.member("sessions", sessions.count)
      $0.member("streams", audience.count)
      $0.member("connections", http?.connectionCount ?? 0)
      $0.member("port", listener?.listener.port)
      $0.member("error", listenFailure)
      $0.member("seed", options.seed)
      $0.member("uptimeSeconds", (loop.now - startedAt).seconds)
    }
    responder.respond(
      status: 200, headers: [("Content-Type", "application/json")], body: writer.bytes)
  }
}

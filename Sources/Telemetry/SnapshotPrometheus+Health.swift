import FleetModel

// The families of a server's breaker and health.
extension SnapshotPrometheus {
  static func breaker(_ servers: [ServerSnapshot], _ text: inout PrometheusText) {
    let states: [BreakerSnapshot.State] = [.closed, .open, .halfOpen, .forcedOpen, .disabled]
    oneOf(
      servers, &text, "mcp_circuit_breaker_state", "1 on the breaker's current state.",
      by: "state", states.map(\.rawValue)
    ) { $0.breaker.state.rawValue }
    each(
      servers, &text, "mcp_circuit_breaker_state_changes", .untyped,
      "Changes of the breaker's state, since the start or its last reset (counts up)."
    ) { Double($0.breaker.transitionCount) }
    oneOf(
      servers, &text, "mcpdash_breaker_override", "1 on the override in force.", by: "kind",
      BreakerOverride.Kind.allCases.map(\.rawValue)
    ) { $0.breaker.override?.kind.rawValue }
    each(
      servers, &text, "mcpdash_breaker_override_until_time_seconds", .gauge,
      "When the override ends by itself."
    ) { seconds($0.breaker.override?.until) }
    each(
      servers, &text, "mcpdash_breaker_probes_in_flight", .gauge,
      "Calls let through to see whether the server is back."
    ) { Double($0.breaker.probesInFlight) }
    each(
      servers, &text, "mcpdash_breaker_rejections_total", .counter, "Calls it turned away."
    ) { Double($0.breaker.rejections) }
    each(
      servers, &text, "mcpdash_breaker_last_success_time_seconds", .gauge,
      "When a call last went well, as the breaker judged it."
    ) { seconds($0.breaker.lastSuccess) }
    each(
      servers, &text, "mcpdash_breaker_last_failure_time_seconds", .gauge,
      "When a call last failed, as the breaker judged it."
    ) { seconds($0.breaker.lastFailure) }
    each(
      servers, &text, "mcpdash_breaker_slow_call_ratio", .gauge,
      "Share of slow calls in the breaker's window, 0 to 1."
    ) { $0.breaker.slowCallRate }
    each(
      servers, &text, "mcpdash_breaker_until_time_seconds", .gauge,
      "When the open breaker lets the next call through."
    ) { seconds($0.breaker.until) }
    each(
      servers, &text, "mcpdash_breaker_consecutive_failures", .gauge, "Failures in a row."
    ) { Double($0.breaker.consecutiveFailures) }
    each(
      servers, &text, "mcpdash_breaker_failure_ratio", .gauge,
      "Share of failures in the breaker's window, 0 to 1."
    ) { $0.breaker.failureRate }
  }

  static func health(_ servers: [ServerSnapshot], _ text: inout PrometheusText) {
    text.family("mcpdash_server_info", .gauge, "How the server is reached; always 1.") { family in
      for server in servers {
        family.sample(
          labels: [
            Label("server", server.id.name), Label("transport", server.transport.rawValue),
            Label("era", server.era.rawValue),
            Label("protocol_version", PlainText.clean(server.protocolVersion ?? "")),
          ], 1)
      }
    }
    let states: [HealthSnapshot.Status] = [.healthy, .unhealthy, .unknown, .disagreeing]
    oneOf(
      servers, &text, "mcpdash_health_status",
      "1 on what the last check says; disagreeing: real calls say something else.", by: "status",
      states.map(\.rawValue)
    ) { $0.health.status.rawValue }
    each(
      servers, &text, "mcpdash_health_response_seconds", .gauge, "How long the last check took."
    ) { $0.health.responseTime?.seconds }
    each(
      servers, &text, "mcpdash_health_consecutive_failures", .gauge, "Failed checks in a row."
    ) { Double($0.health.consecutiveFailures) }
    each(
      servers, &text, "mcpdash_health_last_success_time_seconds", .gauge,
      "When a check last went well."
    ) { seconds($0.health.lastSuccess) }
    each(
      servers, &text, "mcpdash_health_last_attempt_time_seconds", .gauge,
      "When the server was last checked, well or not."
    ) { seconds($0.health.lastAttempt) }
    probe(servers, &text)
    whereabouts(servers, &text)
  }

  private static func probe(_ servers: [ServerSnapshot], _ text: inout PrometheusText) {
    each(
      servers, &text, "mcpdash_probe_success", .gauge, "1 when the last synthetic probe went well."
    ) { $0.health.lastProbe.map { $0.isSuccess ? 1 : 0 } }
    each(
      servers, &text, "mcpdash_probe_duration_seconds", .gauge,
      "How long the last synthetic probe took."
    ) { $0.health.lastProbe?.duration.seconds }
    each(
      servers, &text, "mcpdash_probe_time_seconds", .gauge,
      "When the last synthetic probe was made."
    ) { seconds($0.health.lastProbe?.at) }
  }

  private static func whereabouts(_ servers: [ServerSnapshot], _ text: inout PrometheusText) {
    each(
      servers, &text, "mcpdash_endpoint_position", .gauge,
      "Which endpoint is in use, from 1 in the order of preference.", by: "endpoint"
    ) { server in
      server.endpoint.map { [(PlainText.clean($0.name), Double($0.position))] } ?? []
    }
    each(
      servers, &text, "mcpdash_server_impostor", .gauge,
      "1 while another server answers in this one's place, else 0."
    ) { $0.impostor == nil ? 0 : 1 }
    each(
      servers, &text, "mcpdash_crash_loop_length", .gauge,
      "Ends of the child process in a row while it is in a crash loop, else 0."
    ) { Double($0.crashLoop?.count ?? 0) }
  }
}

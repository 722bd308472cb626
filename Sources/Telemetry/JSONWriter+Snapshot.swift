import FleetModel

// The parts that several documents share, each written the same way everywhere.
extension JSONWriter {
  mutating func member(_ name: String, _ time: Timestamp?) { member(name, time?.rfc3339) }

  mutating func member(_ name: String, seconds duration: Duration?) {
    member(name, duration?.seconds)
  }

  mutating func engine(_ engine: EngineIdentity) {
    object {
      $0.member("name", engine.name)
      $0.member("version", engine.version)
      $0.member("startedAt", engine.startedAt)
    }
  }

  mutating func server(_ server: ServerSnapshot) {
    object {
      $0.member("name", server.id.name)
      $0.member("transport", server.transport.rawValue)
      $0.member("era", server.era.rawValue)
      $0.member("protocolVersion", server.protocolVersion)
      $0.member("connected", server.isConnected)
      $0.health(server.health)
      $0.member("tools", server.toolCount)
      $0.calls(server.calls)
      $0.member("successRate", server.successRate)
      $0.retries(server.retries)
      $0.key("latencySeconds")
      $0.object {
        $0.member("p50", seconds: server.latency.p50)
        $0.member("p95", seconds: server.latency.p95)
        $0.member("p99", seconds: server.latency.p99)
      }
      $0.key("breaker")
      $0.object { $0.breakerMembers(server.breaker) }
      $0.pool(server.pool)
      $0.cache(server.cache)
      $0.member("deadLetters", server.deadLetterCount)
      $0.load(server.load)
      $0.operations(server.operations)
      $0.endpoint(server.endpoint)
      $0.crashLoop(server.crashLoop)
      $0.whereabouts(server)
    }
  }

  mutating func breakerMembers(_ breaker: BreakerSnapshot) {
    member("state", breaker.state.rawValue)
    member("reason", breaker.reason)
    member("until", breaker.until)
    member("consecutiveFailures", breaker.consecutiveFailures)
    member("failureRate", breaker.failureRate)
    member("slowCallRate", breaker.slowCallRate)
    member("probesInFlight", breaker.probesInFlight)
    member("probeSuccesses", breaker.probeSuccesses)
    member("rejections", breaker.rejections)
    member("lastSuccess", breaker.lastSuccess)
    member("lastFailure", breaker.lastFailure)
    override(breaker.override)
    member("transitionCount", breaker.transitionCount)
    list("transitions", breaker.transitions) { writer, transition in
      writer.member("from", transition.from.rawValue)
      writer.member("to", transition.to.rawValue)
      writer.member("at", transition.at)
      writer.member("reason", transition.reason)
    }
  }

  private mutating func override(_ override: BreakerOverrideSnapshot?) {
    key("override")
    guard let override else { return null() }
    object {
      $0.member("kind", override.kind.rawValue)
      $0.member("owner", override.owner)
      $0.member("reason", override.reason)
      $0.member("since", override.since)
      $0.member("until", override.until)
    }
  }

  mutating func attempts(_ attempts: [Attempt]) {
    key("attempts")
    array { writer in
      for attempt in attempts {
        writer.object {
          $0.member("startedAt", attempt.startedAt)
          $0.member("durationSeconds", seconds: attempt.duration)
          $0.member("result", attempt.result)
          $0.member("backoffSeconds", seconds: attempt.backoff)
        }
      }
    }
  }

  private mutating func health(_ health: HealthSnapshot) {
    key("health")
    object {
      $0.member("status", health.status.rawValue)
      $0.member("responseSeconds", seconds: health.responseTime)
      $0.member("consecutiveFailures", health.consecutiveFailures)
      $0.member("lastSuccess", health.lastSuccess)
      $0.member("lastAttempt", health.lastAttempt)
      $0.member("lastError", health.lastError)
      $0.member("disagreement", health.disagreement)
      $0.probe(health.lastProbe)
    }
  }

  private mutating func probe(_ probe: ProbeSnapshot?) {
    key("lastProbe")
    guard let probe else { return null() }
    object {
      $0.member("at", probe.at)
      $0.member("success", probe.isSuccess)
      $0.member("durationSeconds", seconds: probe.duration)
      $0.member("result", probe.result)
    }
  }

  private mutating func calls(_ calls: CallCounts) {
    key("calls")
    object {
      $0.member("total", calls.total)
      $0.member("success", calls.success)
      $0.member("toolError", calls.toolError)
      $0.member("protocolError", calls.protocolError)
      $0.member("transportFailure", calls.transportFailure)
    }
  }
}

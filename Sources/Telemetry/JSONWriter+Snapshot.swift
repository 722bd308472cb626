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
      $0.key("retries")
      $0.object {
        $0.member("total", server.retries.total)
        $0.member("perSecond", server.retries.perSecond)
      }
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
    }
  }

  mutating func breakerMembers(_ breaker: BreakerSnapshot) {
    member("state", breaker.state.rawValue)
    member("reason", breaker.reason)
    member("until", breaker.until)
    member("consecutiveFailures", breaker.consecutiveFailures)
    member("failureRate", breaker.failureRate)
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
      $0.member("lastError", health.lastError)
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

  private mutating func pool(_ pool: PoolSnapshot) {
    key("pool")
    object {
      $0.member("open", pool.open)
      $0.member("idle", pool.idle)
      $0.member("active", pool.active)
      $0.member("max", pool.max)
      $0.member("waiting", pool.waiting)
    }
  }

  private mutating func cache(_ cache: CacheSnapshot) {
    key("cache")
    object {
      $0.member("hits", cache.hits)
      $0.member("misses", cache.misses)
      $0.member("size", cache.size)
      $0.member("evictions", cache.evictions)
    }
  }
}

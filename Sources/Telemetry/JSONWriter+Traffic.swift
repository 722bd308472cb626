import FleetModel

// What passes between the calls and the server: connections, cache, load, operations.
extension JSONWriter {
  mutating func pool(_ pool: PoolSnapshot) {
    key("pool")
    object {
      $0.member("open", pool.open)
      $0.member("idle", pool.idle)
      $0.member("active", pool.active)
      $0.member("max", pool.max)
      $0.member("waiting", pool.waiting)
      $0.member("connecting", pool.connecting)
      $0.member("waitCount", pool.waitCount)
      $0.member("waitSeconds", seconds: pool.waitTime)
      $0.member("refusals", pool.refusals)
      $0.key("closed")
      $0.object {
        $0.member("idle", pool.closed.idle)
        $0.member("lifetime", pool.closed.lifetime)
        $0.member("health", pool.closed.health)
        $0.member("error", pool.closed.error)
        $0.member("reset", pool.closed.reset)
      }
      $0.member("leaks", pool.leaks)
    }
  }

  mutating func cache(_ cache: CacheSnapshot) {
    key("cache")
    object {
      $0.member("hits", cache.hits)
      $0.member("misses", cache.misses)
      $0.member("size", cache.size)
      $0.member("evictions", cache.evictions)
      $0.member("expired", cache.expired)
      $0.member("stale", cache.stale)
      $0.list("entries", cache.entries) { writer, entry in
        writer.member("key", entry.key)
        writer.member("cachedAt", entry.cachedAt)
        writer.member("expiresAt", entry.expiresAt)
        writer.member("accessCount", entry.accessCount)
      }
    }
  }

  mutating func retries(_ retries: RetrySnapshot) {
    key("retries")
    object {
      $0.member("total", retries.total)
      $0.member("perSecond", retries.perSecond)
      $0.member("amplification", retries.amplification)
      $0.member("budgetUsed", retries.budgetUsed)
      $0.member("budgetLimit", retries.budgetLimit)
    }
  }

  mutating func load(_ load: LoadSnapshot) {
    key("load")
    object {
      $0.member("running", load.running)
      $0.member("limit", load.limit)
      $0.member("waiting", load.waiting)
      $0.member("refused", load.refused)
      $0.member("delayed", load.delayed)
      $0.member("hedges", load.hedges)
      $0.member("hedgeWins", load.hedgeWins)
      $0.member("coalesced", load.coalesced)
    }
  }

  mutating func operations(_ operations: [OperationSnapshot]) {
    list("operations", operations) { writer, operation in
      writer.member("name", operation.name)
      writer.member("calls", operation.calls)
      writer.member("attempts", operation.attempts)
      writer.member("retries", operation.retries)
      writer.member("successes", operation.successes)
      writer.member("successesAfterRetry", operation.successesAfterRetry)
      writer.member("amplification", operation.amplification)
      writer.list("giveUps", operation.giveUps) { writer, giveUp in
        writer.member("reason", giveUp.reason)
        writer.member("count", giveUp.count)
      }
      writer.histogram("sleeps", operation.sleeps)
      writer.member("waitingSeconds", seconds: operation.timeWaiting)
      writer.member("retryAfterHonoured", operation.retryAfterHonoured)
    }
  }

  mutating func endpoint(_ endpoint: EndpointSnapshot?) {
    key("endpoint")
    guard let endpoint else { return null() }
    object {
      $0.member("name", endpoint.name)
      $0.member("position", endpoint.position)
      $0.member("count", endpoint.count)
    }
  }

  mutating func crashLoop(_ loop: CrashLoopSnapshot?) {
    key("crashLoop")
    guard let loop else { return null() }
    object {
      $0.member("count", loop.count)
      $0.member("lastWords", loop.lastWords)
      $0.member("nextTry", loop.nextTry)
    }
  }

  /// `{count, sum, buckets: [{le, count}]}`, the buckets cumulative as Prometheus has them.
  mutating func histogram(_ name: String, _ histogram: HistogramSnapshot) {
    key(name)
    object {
      $0.member("count", histogram.count)
      $0.member("sum", histogram.sum)
      $0.list("buckets", histogram.buckets) { writer, bucket in
        if bucket.upperBound.isFinite {
          writer.member("le", bucket.upperBound)
        } else {
          writer.member("le", "+Inf")
        }
        writer.member("count", bucket.count)
      }
    }
  }

  /// A member whose value is an array of objects.
  mutating func list<Element>(
    _ name: String, _ elements: [Element], _ body: (inout JSONWriter, Element) -> Void
  ) {
    key(name)
    array { writer in
      for element in elements { writer.object { body(&$0, element) } }
    }
  }
}

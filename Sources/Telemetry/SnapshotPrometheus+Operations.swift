import FleetModel

// The families of what was done for each operation.
extension SnapshotPrometheus {
  private typealias Work = [(server: ServerID, operations: [OperationSnapshot])]

  static func operations(_ servers: [ServerSnapshot], _ text: inout PrometheusText) {
    seedFamilies(
      servers.map { ($0.id, $0.operations.merged(by: seedName)) }, &text)
    // The names are servers' text: cleaned, and one sample where cleaning made two the same.
    let work: Work = servers.map { ($0.id, $0.operations.merged { PlainText.clean($0) }) }
    let counters: [(String, String, (OperationSnapshot) -> Double)] = [
      ("calls", "Calls of the operation.", { Double($0.calls) }),
      ("attempts", "Tries on the wire.", { Double($0.attempts) }),
      ("retries", "Tries after a call's first.", { Double($0.retries) }),
      ("successes", "Calls that ended well.", { Double($0.successes) }),
      (
        "successes_after_retry", "Calls that ended well after more than one try.",
        { Double($0.successesAfterRetry) }
      ),
      (
        "waiting_seconds", "Time that calls spent in delays, queues and waits for connections.",
        { $0.timeWaiting.seconds }
      ),
      (
        "retry_after_honoured", "Delays that a server's Retry-After set.",
        { Double($0.retryAfterHonoured) }
      ),
    ]
    for (name, help, value) in counters {
      text.family("mcpdash_operation_\(name)_total", .counter, help) { family in
        each(work) { labels, operation in family.sample(labels: labels, value(operation)) }
      }
    }
    text.family(
      "mcpdash_operation_give_ups_total", .counter, "Calls that were not tried again, by reason."
    ) { family in
      each(work) { labels, operation in
        for giveUp in operation.giveUps {
          family.sample(labels: labels + [Label("reason", giveUp.reason)], giveUp.count)
        }
      }
    }
  }

  /// Under the names and the operations of the bridge's enhanced client.
  private static func seedFamilies(_ work: Work, _ text: inout PrometheusText) {
    text.family(
      "fastmcp_retry_attempts_total", .counter,
      "Retries, calls they saved, and calls given up, by reason."
    ) { family in
      each(work) { labels, operation in
        for (reason, count) in seedReasons(operation) {
          family.sample(labels: labels + [Label("reason", reason)], count)
        }
      }
    }
    text.family("fastmcp_retry_backoff_seconds", .histogram, "Waits before retries.") { family in
      each(work) { labels, operation in
        if !operation.sleeps.buckets.isEmpty { family.histogram(operation.sleeps, labels: labels) }
      }
    }
  }

  private static func each(_ work: Work, _ body: ([Label], OperationSnapshot) -> Void) {
    for (server, operations) in work {
      for operation in operations {
        body([Label("server", server.name), Label("operation", operation.name)], operation)
      }
    }
  }

  /// The operation without its tool, as that client calls it.
  private static func seedName(_ name: String) -> String {
    let method = name.split(separator: " ", maxSplits: 1).first.map(String.init) ?? name
    switch method {
    case "tools/call": return "call_tool"
    case "tools/list": return "list_tools"
    default: return PlainText.clean(method)
    }
  }

  /// The reasons that client has, as far as our numbers mean the same.
  private static func seedReasons(_ operation: OperationSnapshot) -> [(String, Int)] {
    var gaveUp: [String: Int] = [:]
    for giveUp in operation.giveUps {
      gaveUp[giveUp.reason.lowercased().filter(\.isLetter), default: 0] += giveUp.count
    }
    return [
      ("retryable_error", operation.retries),
      ("success_after_retry", operation.successesAfterRetry),
      ("max_retries_exceeded", gaveUp["attemptsexhausted"] ?? 0),
      ("non_retryable_error", gaveUp["notretryable"] ?? 0),
    ]
  }
}

extension [OperationSnapshot] {
  /// Operations whose names become the same are one, their counts added; in the order of the first.
  func merged(by name: (String) -> String) -> [OperationSnapshot] {
    var merged: [OperationSnapshot] = []
    var places: [String: Int] = [:]
    for operation in self {
      let name = name(operation.name)
      let place = places[name] ?? merged.count
      if place == merged.count {
        places[name] = place
        merged.append(OperationSnapshot(name: name))
      }
      merged[place].add(operation)
    }
    return merged
  }
}

extension OperationSnapshot {
  fileprivate mutating func add(_ other: OperationSnapshot) {
    calls += other.calls
    attempts += other.attempts
    retries += other.retries
    successes += other.successes
    successesAfterRetry += other.successesAfterRetry
    timeWaiting += other.timeWaiting
    retryAfterHonoured += other.retryAfterHonoured
    for giveUp in other.giveUps {
      let reason = PlainText.clean(giveUp.reason)
      if let index = giveUps.firstIndex(where: { $0.reason == reason }) {
        giveUps[index].count += giveUp.count
      } else {
        giveUps.append(GiveUpCount(reason: reason, count: giveUp.count))
      }
    }
    sleeps.add(other.sleeps)
  }
}

extension HistogramSnapshot {
  /// The sum of both, whatever their buckets are: a count goes to the bound it was counted under.
  fileprivate mutating func add(_ other: HistogramSnapshot) {
    let own = (parts + other.parts).sorted { $0.upperBound < $1.upperBound }
    count += other.count
    sum += other.sum
    buckets = []
    var below = 0
    for part in own {
      below += part.count
      if buckets.last?.upperBound == part.upperBound {
        buckets[buckets.count - 1].count = below
      } else {
        buckets.append(Bucket(upperBound: part.upperBound, count: below))
      }
    }
  }

  /// The buckets, each without those below it.
  private var parts: [Bucket] {
    var below = 0
    return buckets.map { bucket in
      defer { below = bucket.count }
      return Bucket(upperBound: bucket.upperBound, count: bucket.count - below)
    }
  }
}

import FleetModel

// The queue of dead letters, its store, and what was done with letters.
extension SnapshotPrometheus {
  static func deadLetters(_ letters: DeadLetterSnapshot, _ text: inout PrometheusText) {
    text.family("mcpdash_dead_letter_queue_size", .gauge, "All dead letters that wait.") {
      $0.sample(letters.size)
    }
    text.family(
      "mcpdash_dead_letter_oldest_time_seconds", .gauge, "When the oldest dead letter was made."
    ) { $0.sample(seconds(letters.oldest)) }
    text.family("mcp_dlq_store_up", .gauge, "1 while the store of dead letters works.") {
      $0.sample(letters.trouble == nil ? 1 : 0)
    }
    text.family(
      "mcp_dlq_store_lossy", .gauge,
      "1 where the store of dead letters may lose what it acknowledged; absent while not known."
    ) { $0.sample(lossiness(of: letters.durability)) }
    text.family(
      "mcp_dlq_spilled", .gauge, "Dead letters in memory that wait for the store to work again."
    ) { $0.sample(letters.spilled) }
    text.family(
      "mcp_dlq_dropped_total", .counter, "Dead letters that the size limit pushed out."
    ) { $0.sample(letters.dropped) }
    text.family("mcp_dlq_replays_running", .gauge, "Replays that run now.") {
      $0.sample(letters.replays.count { $0.endedAt == nil })
    }
    text.family(
      "fastmcp_dlq_operations_total", .counter, "What was done with dead letters, by operation."
    ) { family in
      for (name, count) in operations(of: letters.counts) {
        family.sample(labels: [Label("operation", name)], count)
      }
    }
  }

  private static func lossiness(of durability: DeadLetterDurability?) -> Int? {
    switch durability?.grade {
    case .lossy: 1
    case .durable, .almost: 0
    case .unknown, nil: nil
    }
  }

  private static func operations(of counts: DeadLetterCounts) -> [(String, Int)] {
    [
      ("kept", counts.kept), ("refused", counts.refused), ("delivered", counts.delivered),
      ("failed", counts.failed), ("discarded", counts.discarded), ("deleted", counts.deleted),
      ("expired", counts.expired),
    ]
  }
}

import FleetModel

/// So many seconds after the origin.
func at(_ seconds: Double) -> Instant { .origin + Duration(fractionalSeconds: seconds) }

extension Failure {
  static func of(
    _ kind: Kind, delivery: Delivery = .notSent, retryAfter: Duration? = nil
  ) -> Failure {
    Failure(kind, "no luck", delivery: delivery, retryAfter: retryAfter)
  }
}

package import FleetModel
package struct Ring<Element: Sendable>: Sendable { package init(limit: Int) {}; package mutating func append(_ e: Element) {}; package var elements: [Element] { [] } }
package struct DelayHistogram: Sendable { package init() {}; package mutating func record(_ d: Duration) {}; package var snapshot: HistogramSnapshot { HistogramSnapshot() } }
package struct MinuteWindow: Sendable { package init() {}
  package mutating func record(latency: Duration?, isSuccess: Bool, at now: Instant) {}
  package mutating func successRate(at now: Instant) -> Double? { nil }
  package mutating func latency(at now: Instant) -> LatencySnapshot { LatencySnapshot() } }

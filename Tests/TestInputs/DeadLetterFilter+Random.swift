package import FleetModel

extension DeadLetterFilter {
  /// Any filter that can be written: no empty text, no empty set.
  package static func random(using random: inout SplitMix64) -> DeadLetterFilter {
    let texts = [
      "a", "tools/call", "pay/ments ü", "a,b&c=d%", "\u{1B}\n\"", "-x", "any", "🜚 x+y",
    ]
    func maybe<Value>(_ value: Value) -> Value? { Bool.random(using: &random) ? value : nil }
    func text() -> String? { maybe(texts[random.below(texts.count)]) }
    func some<Value: Hashable>(_ all: [Value]) -> Set<Value> {
      let chosen = all.filter { _ in Bool.random(using: &random) }
      return chosen.isEmpty ? [all[0]] : Set(chosen)
    }
    func time() -> Timestamp? {
      maybe(
        Timestamp(
          millisecondsSinceEpoch: Int64.random(in: 0...4_000_000_000_000, using: &random)))
    }
    return DeadLetterFilter(
      states: maybe(some(DeadLetter.State.allCases)) ?? DeadLetter.State.open,
      server: text().map { ServerID($0) }, client: text(), operation: text(), target: text(),
      kind: text(), deliveries: maybe(some(Delivery.allCases)), since: time(), before: time(),
      text: text())
  }
}

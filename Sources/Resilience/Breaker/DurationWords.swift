import FleetModel

extension Duration {
  /// `250 ms`, `1.5 s`, `60 s`, `2 min 30 s`, `15 min`, `1 h 30 min`: for reasons, cut to what a
  /// person needs.
  var words: String {
    let nanoseconds = max(0, nanoseconds)
    if nanoseconds == 0 { return "0 s" }
    if nanoseconds < 1_000_000 { return "\(max(1, nanoseconds / 1000)) µs" }
    if nanoseconds < 1_000_000_000 { return "\(nanoseconds / 1_000_000) ms" }
    let seconds = nanoseconds / 1_000_000_000
    if seconds < 120 {
      let tenths = nanoseconds % 1_000_000_000 / 100_000_000
      return tenths == 0 ? "\(seconds) s" : "\(seconds).\(tenths) s"
    }
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")]
    return parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: " ")
  }
}

import FleetModel
import TerminalUI

extension CrashLoopSnapshot {
  /// `CRASH LOOP 5× next in 12s`.
  func words(now: Timestamp, _ glyphs: Glyphs) -> String {
    let next = left(now).map { "next in \($0)" } ?? "starting"
    return "CRASH LOOP \(Figures.count(count))\(glyphs.times) \(next)"
  }

  /// `LOOP 5× 12s`, for the smallest screens.
  func shortWords(now: Timestamp, _ glyphs: Glyphs) -> String {
    "LOOP \(Figures.count(count))\(glyphs.times)" + (left(now).map { " \($0)" } ?? "")
  }

  private func left(_ now: Timestamp) -> String? {
    nextTry.map { Figures.age(seconds: max(0, now.seconds(until: $0))) }
  }
}

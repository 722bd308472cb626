/// The fleet-unique name of one server.
package struct ServerID: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let name: String

  package init(_ name: String) { self.name = name }

  package var description: String { name }

  package static func < (left: ServerID, right: ServerID) -> Bool { left.name < right.name }
}

/// Names one call for good: its idempotency key, and the id of its dead letter if it becomes one.
///
/// A UUID of version 7 (RFC 9562): ordered by time, unique without asking anybody.
package struct CallID: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let high: UInt64
  package let low: UInt64

  package init(high: UInt64, low: UInt64) { (self.high, self.low) = (high, low) }

  /// The half that is chance is enough: it differs where the whole does.
  package func hash(into hasher: inout Hasher) { hasher.combine(low) }

  package init(at time: Timestamp, using random: inout some RandomNumberGenerator) {
    let milliseconds = UInt64(bitPattern: time.millisecondsSinceEpoch) & 0xFFFF_FFFF_FFFF
    high = milliseconds << 16 | 0x7000 | random.next() & 0x0FFF
    low = random.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
  }

  /// Reads `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx`, any version; nil for anything else.
  package init?(_ text: String) {
    var halves: (UInt64, UInt64) = (0, 0)
    var digits = 0
    for (index, byte) in text.utf8.enumerated() {
      if index == 8 || index == 13 || index == 18 || index == 23 {
        guard byte == 45 else { return nil }
        continue
      }
      guard let digit = Character(UnicodeScalar(byte)).hexDigitValue, digits < 32 else {
        return nil
      }
      if digits < 16 {
        halves.0 = halves.0 << 4 | UInt64(digit)
      } else {
        halves.1 = halves.1 << 4 | UInt64(digit)
      }
      digits += 1
    }
    guard digits == 32 else { return nil }
    (high, low) = halves
  }

  package var description: String {
    let hex = [high, low].map { half in
      let digits = String(half, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
    var text = ""
    for (index, digit) in hex.enumerated() {
      if index == 8 || index == 12 || index == 16 || index == 20 { text.append("-") }
      text.append(digit)
    }
    return text
  }

  package static func < (left: CallID, right: CallID) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}

/// One connection of a server's pool: an HTTP session, or one child process.
package struct ConnectionID: Hashable, Sendable, Comparable {
  package let number: UInt64

  package init(number: UInt64) { self.number = number }

  package static func < (left: ConnectionID, right: ConnectionID) -> Bool {
    left.number < right.number
  }
}

/// One try of one call on the wire.
package struct AttemptID: Hashable, Sendable, Comparable {
  package let number: UInt64

  package init(number: UInt64) { self.number = number }

  package static func < (left: AttemptID, right: AttemptID) -> Bool { left.number < right.number }
}

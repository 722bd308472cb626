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
    String(unsafeUninitializedCapacity: 36) { text in
      for index in 0..<36 {
        text.initializeElement(at: index, to: digit(at: index))
      }
      return 36
    }
  }

  /// One byte of the written form: a digit, or the hyphen between two groups.
  private func digit(at index: Int) -> UInt8 {
    let before: Int
    switch index {
    case 8, 13, 18, 23: return UInt8(ascii: "-")
    case ..<8: before = index
    case ..<13: before = index - 1
    case ..<18: before = index - 2
    case ..<23: before = index - 3
    default: before = index - 4
    }
    let half = before < 16 ? high : low
    let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - before % 16 * 4)) & 0xF
    return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") - 10 + digit
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

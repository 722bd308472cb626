import TerminalUI

/// How many colours the terminal has, which decides how a theme's colours are realised.
package enum ColorDepth: Int, Comparable, Sendable, CaseIterable {
  /// None, or `NO_COLOR` asks for none: attributes only.
  case mono
  /// The ANSI colours 0…7; bold stands for bright.
  case ansi8
  /// The ANSI colours 0…15.
  case ansi16
  /// The 16, a cube of 6×6×6 and 24 greys.
  case palette256
  /// Any RGB colour; terminfo's `-direct` entries.
  case direct

  package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

  init(colors: Int32) {
    switch colors {
    case ..<8: self = .mono
    case ..<16: self = .ansi8
    case ..<256: self = .ansi16
    case ..<0x100_0000: self = .palette256
    default: self = .direct
    }
  }

  /// A style in curses' terms; -1 is the terminal's own colour.
  struct Realization: Hashable {
    var foreground: Int32
    var background: Int32
    var attributes: Style.Attributes
  }

  /// The nearest that this terminal can do, in which the selection and every text can still be
  /// seen.
  func realize(_ style: Style, isSelected: Bool) -> Realization {
    var result = Realization(
      foreground: index(of: style.foreground), background: index(of: style.background),
      attributes: style.attributes)
    if self == .mono, isSelected { result.attributes.insert(.reverse) }
    if self == .ansi8, let name = ansiName(of: style.foreground), name >= 8 {
      // Bold is bright, except for black, which many terminals would leave black.
      result.attributes.insert(name == 8 ? .dim : .bold)
      if name == 8 { result.foreground = -1 }
    }
    // Two colours that became one.
    if result.foreground >= 0, result.foreground == result.background,
      style.foreground != style.background
    {
      result.background = -1
      result.attributes.formSymmetricDifference(.reverse)
    }
    return result
  }

  private func index(of color: Style.Color) -> Int32 {
    switch self {
    case .mono:
      return -1
    case .ansi8:
      return ansiName(of: color).map { Int32($0 & 7) } ?? -1
    case .ansi16:
      return ansiName(of: color).map(Int32.init) ?? -1
    case .palette256:
      guard case .rgb(let red, let green, let blue) = color else {
        return ansiName(of: color).map(Int32.init) ?? -1
      }
      return Self.nearestInPalette(Int32(red), Int32(green), Int32(blue))
    case .direct:
      guard case .rgb(let red, let green, let blue) = color else {
        return ansiName(of: color).map(Self.directIndex(ofANSI:)) ?? -1
      }
      return Self.directIndex(Int32(red) << 16 | Int32(green) << 8 | Int32(blue))
    }
  }

  /// 0…15; nil for the terminal's own colour.
  private func ansiName(of color: Style.Color) -> UInt8? {
    switch color {
    case .terminalDefault: nil
    case .ansi(let index): index & 15
    case .rgb(let red, let green, let blue): Self.nearestByName(red, green, blue)
    }
  }

  /// The `-direct` entries take 0…7 for the ANSI colours, so the RGB values that small give way to
  /// the next dark blue.
  private static func directIndex(_ rgb: Int32) -> Int32 { max(rgb, 8) }

  /// The bright ANSI colours have no number of their own there: xterm's values stand for them.
  private static func directIndex(ofANSI index: UInt8) -> Int32 {
    let bright: [Int32] = [
      0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
    ]
    return index < 8 ? Int32(index) : bright[Int(index) - 8]
  }

  /// The nearer of the cube's and the grey ramp's best; never one of the 16, whose look is the
  /// user's.
  private static func nearestInPalette(_ red: Int32, _ green: Int32, _ blue: Int32) -> Int32 {
    func level(_ value: Int32) -> Int32 { value < 48 ? 0 : value < 115 ? 1 : (value - 35) / 40 }
    func value(_ level: Int32) -> Int32 { level == 0 ? 0 : 55 + 40 * level }
    func distance(_ r: Int32, _ g: Int32, _ b: Int32) -> Int32 {
      (r - red) * (r - red) + (g - green) * (g - green) + (b - blue) * (b - blue)
    }
    let (r, g, b) = (level(red), level(green), level(blue))
    let step = min(max(((red + green + blue) / 3 - 3) / 10, 0), 23)
    let grey = 8 + 10 * step
    return distance(grey, grey, grey) < distance(value(r), value(g), value(b))
      ? 232 + step : 16 + 36 * r + 6 * g + b
  }

  /// The ANSI colour a person would name this one: by hue, for by distance errors turn grey.
  private static func nearestByName(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
    let (r, g, b) = (Int(red), Int(green), Int(blue))
    let highest = max(r, g, b)
    let spread = highest - min(r, g, b)
    if highest < 40 { return 0 }
    if spread * 5 < highest {
      return highest < 110 ? 8 : highest < 200 ? 7 : 15
    }
    // A channel counts if it is in the upper half between the lowest and the highest.
    let half = highest - spread / 2
    let hue: UInt8 = (r > half ? 1 : 0) | (g > half ? 2 : 0) | (b > half ? 4 : 0)
    return highest >= 224 ? hue | 8 : hue
  }
}

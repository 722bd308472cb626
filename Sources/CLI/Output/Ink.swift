/// Colours of a text for people, or none.
struct Ink: Sendable {
  /// The colours of the terminal's own palette (ECMA-48 SGR).
  enum Colour: Int, Sendable {
    case bold = 1
    case faint = 2
    case red = 31
    case green = 32
    case yellow = 33
  }

  let isOn: Bool

  /// - Parameter text: already clean.
  func paint(_ text: String, _ colour: Colour?) -> String {
    guard isOn, let colour, !text.isEmpty else { return text }
    return "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m"
  }
}

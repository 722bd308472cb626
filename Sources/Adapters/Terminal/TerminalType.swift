import CNCurses

/// Which terminfo entry to paint by: TERM names one, but not always one that is there, nor the one
/// that knows all the colours the terminal has.
struct TerminalType: Hashable {
  /// Terminals that understand xterm's sequences, whether or not terminfo has heard of them.
  private static let families: Set<String> = [
    "alacritty", "contour", "foot", "ghostty", "gnome", "iterm", "iterm2", "kitty", "konsole",
    "mintty", "rio", "rxvt", "screen", "st", "tmux", "vte", "wezterm", "xterm",
  ]

  let name: String
  /// Speaks ECMA-48: private modes may be sent to it.
  let isANSI: Bool

  /// Looks at TERM, COLORTERM, NO_COLOR and TMUX.
  init(environment: (String) -> String?) throws(TerminalError) {
    guard let term = environment("TERM"), !term.isEmpty else {
      throw .unusable(term: "", .unset)
    }
    for name in Self.candidates(term: term, environment: environment) {
      let type = cncurses_look_up(name)
      guard type.is_known else { continue }
      guard type.addresses_cursor else {
        throw .unusable(term: term, .noCursorAddressing)
      }
      self.name = name
      isANSI = type.is_ansi
      return
    }
    throw .unusable(term: term, .unknown)
  }

  /// The entries to try, best first; TERM's own always among them.
  static func candidates(term: String, environment: (String) -> String?) -> [String] {
    let family = String(term.prefix { $0 != "-" && $0 != "." })
    guard families.contains(family) else { return [term] }
    guard hasDirectColor(term: term, family: family, environment: environment) else {
      return [term, "xterm-256color"]
    }
    let generic = family == "screen" || family == "tmux" ? "tmux-direct" : "xterm-direct"
    return ["\(family)-direct", generic, term, "xterm-256color"]
  }

  private static func hasDirectColor(
    term: String, family: String, environment: (String) -> String?
  ) -> Bool {
    guard let colorTerm = environment("COLORTERM"), ["truecolor", "24bit"].contains(colorTerm)
    else { return false }
    // A type with its number of colours in its name is someone's choice.
    if ["-8color", "-16color", "-88color", "-mono"].contains(where: term.hasSuffix) {
      return false
    }
    // Inherited by GNU Screen from the terminal around it, and not true of Screen itself.
    return family != "screen" || environment("TMUX") != nil
  }
}

import Adapters
import TerminalUI

/// Which theme the dashboard begins with, and where themes come from.
struct ThemeChoice: Sendable {
  /// What flag, variable or file name; nil: what suits the terminal.
  var wanted: String?
  var isASCII: Bool
  var read: @Sendable (String) throws(FileError) -> [UInt8]

  /// - Parameter name: a built-in theme's name, or a file's.
  func load(_ name: String) throws(CommandFailure) -> Theme {
    let text: String
    if let builtIn = BuiltinThemes.text(of: name) {
      text = builtIn
    } else if name.contains("/") || name.contains(".") {
      do throws(FileError) { text = String(decoding: try read(name), as: UTF8.self) } catch {
        throw CommandFailure("cannot read the theme '\(name)': \(error.reason)", .badData)
      }
    } else {
      let names = BuiltinThemes.names
      throw CommandFailure(
        "there is no theme '\(name)'" + Suggestion.phrase(for: name, among: names)
          + "; write one of \(names.joined(separator: ", ")), or a file's name with its ending",
        .usage)
    }
    do throws(ThemeError) { return try Theme.parse(text, name: name) } catch {
      throw CommandFailure("theme '\(name)', \(error)", .badData)
    }
  }

  /// Checked before the terminal is taken over, so that the message can be read.
  func check() throws(CommandFailure) {
    if let wanted { _ = try load(wanted) }
  }

  func first(for depth: ColorDepth) throws(CommandFailure) -> Theme {
    if let wanted { return try load(wanted) }
    switch depth {
    case .mono: return try load("mono")
    case .ansi8, .ansi16: return try load("ansi16")
    case .palette256, .direct: return try load("okabe")
    }
  }

  func glyphs(of theme: Theme) -> Glyphs.Kind { isASCII ? .ascii : theme.glyphs }
}

import Foundation
import TerminalUI
import Testing

@Suite struct ThemeTests {
  @Test func `a role without a look takes its parent's, step by step`() throws {
    let theme = try Theme.parse(
      """
      # a comment
      fg = "white"
      bad = "#ff0000 bold"   # and one after a value
      log.err = "underline"
      """, name: "own")
    let red = Style.Color.rgb(red: 255, green: 0, blue: 0)
    #expect(theme.style(of: .muted) == Style(foreground: .ansi(7)))
    #expect(theme.style(of: .border) == Style(foreground: .ansi(7)))
    #expect(theme.style(of: .graphHigh) == Style(foreground: red, attributes: .bold))
    #expect(theme.style(of: .logError) == Style(foreground: red, attributes: .underline))
  }

  @Test func `the selection's colours win and the attributes of both hold but dim`() throws {
    let theme = try Theme.parse(
      """
      bad = "red bold dim"
      selection.bg = "blue"
      selection.fg = "bright-white underline"
      """, name: "own")
    #expect(
      theme.style(of: .bad, isSelected: true)
        == Style(
          foreground: .ansi(15), background: .ansi(4), attributes: [.bold, .underline]))
  }

  @Test func `a selection nobody described is in reverse`() throws {
    let theme = try Theme.parse("fg = \"default\"", name: "own")
    #expect(theme.style(of: .fg, isSelected: true).attributes == .reverse)
  }

  @Test func `a theme wins over the one it inherits from`() throws {
    let theme = try Theme.parse(
      "inherits = \"base\"\nok = \"blue\"\nglyphs = \"ascii\"", name: "own",
      source: { $0 == "base" ? "ok = \"green\"\nwarn = \"yellow\"" : nil })
    #expect(theme.style(of: .ok).foreground == .ansi(4))
    #expect(theme.style(of: .warn).foreground == .ansi(3))
    #expect(theme.glyphs == .ascii)
  }

  @Test(
    arguments: [
      ("ok = blue", ThemeError.syntax(line: 1, text: "ok = blue")),
      ("\nok \"blue\"", .syntax(line: 2, text: "ok \"blue\"")),
      ("ok = \"blue\" x", .syntax(line: 1, text: "ok = \"blue\" x")),
      ("okay = \"blue\"", .unknownKey(line: 1, key: "okay")),
      ("selection = \"blue\"", .unknownKey(line: 1, key: "selection")),
      ("ok = \"blue\"\nok = \"red\"", .repeatedKey(line: 2, key: "ok")),
      ("ok = \"blau\"", .badValue(line: 1, key: "ok", word: "blau")),
      ("ok = \"#12345\"", .badValue(line: 1, key: "ok", word: "#12345")),
      ("ok = \"#+12345\"", .badValue(line: 1, key: "ok", word: "#+12345")),
      ("ok = \"\"", .badValue(line: 1, key: "ok", word: "")),
      ("ok = \"blue red\"", .secondColor(line: 1, key: "ok", word: "red")),
      ("glyphs = \"emoji\"", .badGlyphs(line: 1, value: "emoji")),
      ("inherits = \"x\"", .unknownTheme(line: 1, name: "x", known: ["a", "b"])),
      ("inherits = \"self\"", .inheritanceTooDeep(line: 1, name: "self")),
    ])
  func `a mistake names its line, its key and the cure`(text: String, error: ThemeError) {
    #expect(throws: error) {
      try Theme.parse(
        text, name: "own", source: { $0 == "self" ? "inherits = \"self\"" : nil },
        known: ["a", "b"])
    }
    #expect(error.description.hasPrefix("line "))
    #expect(error.description.contains(": "))
  }

  @Test(arguments: BuiltinThemes.names)
  func `every built-in theme can be read`(name: String) throws {
    let theme = try Theme.parse(try #require(BuiltinThemes.text(of: name)), name: name)
    #expect(theme.glyphs == .unicode)
  }

  @Test func `mono has no colour and still tells states and selection apart`() throws {
    let theme = try Theme.parse(try #require(BuiltinThemes.text(of: "mono")), name: "mono")
    for role in Role.allCases {
      #expect(theme.style(of: role).foreground == .terminalDefault)
      #expect(theme.style(of: role).background == .terminalDefault)
      #expect(theme.style(of: role, isSelected: true).attributes.contains(.reverse))
    }
    #expect(theme.style(of: .breakerOpen) != theme.style(of: .breakerClosed))
    #expect(theme.style(of: .breakerHalf) != theme.style(of: .breakerClosed))
    #expect(theme.style(of: .bad) != theme.style(of: .ok))
  }

  @Test func `the default theme uses the colours everybody can tell apart`() throws {
    let name = try #require(BuiltinThemes.names.first)
    let theme = try Theme.parse(try #require(BuiltinThemes.text(of: name)), name: name)
    #expect(name == "okabe")
    #expect(theme.style(of: .ok).foreground == .rgb(red: 0x56, green: 0xB4, blue: 0xE9))
    #expect(theme.style(of: .warn).foreground == .rgb(red: 0xF0, green: 0xE4, blue: 0x42))
    #expect(theme.style(of: .bad).foreground == .rgb(red: 0xD5, green: 0x5E, blue: 0x00))
  }

  /// With `UPDATE_GOLDEN=1` the Swift file is written anew from the theme files.
  @Test func `the built-in themes are the files in themes`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let folder = root.appending(path: "themes")
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".theme") }.map { String($0.dropLast(6)) }
    #expect(files.sorted() == BuiltinThemes.names.sorted())
    let texts = try BuiltinThemes.names.map {
      ($0, try String(contentsOf: folder.appending(path: "\($0).theme"), encoding: .utf8))
    }
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try swiftFile(of: texts).write(
        to: root.appending(path: "Sources/TerminalUI/BuiltinThemes.swift"), atomically: true,
        encoding: .utf8)
    }
    for (name, text) in texts { #expect(BuiltinThemes.text(of: name) == text) }
  }

  private func swiftFile(of texts: [(String, String)]) -> String {
    let entries = texts.map { name, text in
      let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        .map { $0.isEmpty ? "" : "      " + $0 }.joined(separator: "\n")
      return "    (\n      \"\(name)\",\n      \"\"\"\n\(lines)\n      \"\"\"\n    ),\n"
    }.joined()
    return """
      // Written by the test `the built-in themes are the files in themes` with UPDATE_GOLDEN=1;
      // edit the files in `themes/` instead.

      /// The themes that need no file, the default first.
      package enum BuiltinThemes {
        package static let texts: [(name: String, text: String)] = [
      \(entries)  ]

        package static let names = texts.map(\\.name)

        package static func text(of name: String) -> String? {
          texts.first { $0.name == name }?.text
        }
      }

      """
  }
}

/// Where files are looked for and kept: of our own by the XDG Base Directory Specification, of
/// other programs where those keep them.
struct StandardPlaces: Hashable, Sendable {
  let environment: [String: String]

  /// The usual places of a configuration in the order of precedence: our own, then those of the
  /// directory mcpdash runs in, then those of its user.
  var configurations: [String] {
    ownConfigurations + [
      "./.mcp.json", "./.vscode/mcp.json", "./.cursor/mcp.json", "./fastmcp.json",
    ]
      + [
        home.map { $0 + "/.claude.json" },
        directory("XDG_CONFIG_HOME", "/.config").map {
          $0 + "/Claude/claude_desktop_config.json"
        },
        home.map { $0 + "/Library/Application Support/Claude/claude_desktop_config.json" },
        directory("XDG_CONFIG_HOME", "/.config").map { $0 + "/Code/User/mcp.json" },
        home.map { $0 + "/.cursor/mcp.json" },
      ].compactMap(\.self)
  }

  /// The same as people write them, with `~` for the home directory.
  static var written: [String] {
    StandardPlaces(environment: ["HOME": "/~"]).configurations.map {
      $0.hasPrefix("/~") ? String($0.dropFirst()) : $0
    }
  }

  /// Those of mcpdash itself.
  var ownConfigurations: [String] {
    ["./mcpdash.json5"]
      + [directory("XDG_CONFIG_HOME", "/.config")].compactMap(\.self).map {
        $0 + "/mcpdash/mcpdash.json5"
      }
  }

  /// nil when neither `XDG_STATE_HOME` nor `HOME` says where.
  var stateDirectory: String? {
    directory("XDG_STATE_HOME", "/.local/state").map { $0 + "/mcpdash" }
  }

  static func deadLetters(in stateDirectory: String) -> String {
    stateDirectory + "/dead-letters.sqlite3"
  }

  /// Letters that no store had taken when an engine stopped.
  static func letterSpill(in stateDirectory: String) -> String {
    stateDirectory + "/dead-letters-spill.jsonl"
  }

  /// What logins left behind.
  static func tokens(in stateDirectory: String) -> String { stateDirectory + "/tokens.json" }

  static func controlSocket(in stateDirectory: String) -> String {
    stateDirectory + "/control.sock"
  }

  /// The specification lets relative values count as unset.
  private func directory(_ variable: String, _ underHome: String) -> String? {
    if let value = environment[variable], value.hasPrefix("/") { return value }
    return home.map { $0 + underHome }
  }

  /// Without a slash at its end.
  private var home: String? {
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return home == "/" ? "" : home
  }
}

/// Where files are looked for and kept, by the XDG Base Directory Specification.
struct StandardPlaces: Hashable, Sendable {
  let environment: [String: String]

  /// Where the configuration comes from.
  enum Source: Hashable, Sendable {
    case files([String])
    /// There is none; these places were looked at.
    case nothing(searched: [String])
  }

  /// - Parameter named: what `--config` or `MCPDASH_CONFIG` name; they must exist, whoever reads
  /// them says so if not. Without any, the first of the usual places that exists.
  func configuration(named: [String], exists: (String) -> Bool) -> Source {
    if !named.isEmpty { return .files(named) }
    let places = configurationPlaces
    guard let found = places.first(where: exists) else { return .nothing(searched: places) }
    return .files([found])
  }

  /// In order of preference.
  var configurationPlaces: [String] {
    ["./mcpdash.json5", "./.mcp.json"]
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

  static func controlSocket(in stateDirectory: String) -> String {
    stateDirectory + "/control.sock"
  }

  /// The specification lets relative values count as unset.
  private func directory(_ variable: String, _ underHome: String) -> String? {
    if let value = environment[variable], value.hasPrefix("/") { return value }
    guard let home = environment["HOME"], home.hasPrefix("/") else { return nil }
    return (home == "/" ? "" : home) + underHome
  }
}

/// Paths as text, before any file is touched.
enum FilePath {
  /// A path that a file names: `~` is the home directory, a relative one starts at the file's own
  /// directory.
  static func resolve(
    _ path: String, beside file: String, _ expansion: VariableExpansion
  ) -> String {
    if path.hasPrefix("/") { return path }
    if path == "~" || path.hasPrefix("~/"), let home = expansion.environment["HOME"] {
      return home + path.dropFirst()
    }
    guard let slash = file.lastIndex(of: "/") else { return path }
    return file[...slash] + path
  }

  static func directory(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
  }
}

/// Why a file could not be read or written.
struct FileError: Error, Hashable, Sendable {
  /// The system's words.
  var reason: String
  /// The file does not exist.
  var isAbsent = false
  /// Nobody reads what is written.
  var isBrokenPipe = false
}

import Glibc

/// Paths as text, before any file is touched.
enum FilePath {
  /// Where the program runs, absolute; the root when that directory is gone.
  static var workingDirectory: String {
    guard let path = getcwd(nil, 0) else { return "/" }
    defer { free(path) }
    return String(cString: path)
  }

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

  /// The same place from the root, without `.` at its beginning.
  static func absolute(_ path: String, in directory: String) -> String {
    if path.hasPrefix("/") { return path }
    let rest = path.hasPrefix("./") ? path.dropFirst(2) : Substring(path)
    return directory + (directory.hasSuffix("/") ? "" : "/") + rest
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

/// With what the servers of one file are read.
struct FileContext: Sendable {
  var expansion: VariableExpansion
  /// Where the program runs, absolute: the workspace of editors.
  var directory: String
  /// The file is another program's, which may keep much in it that we do not know.
  var isForeign: Bool
  /// Reads a whole file.
  var read: @Sendable (String) throws(FileError) -> [UInt8]

  /// A file that an entry of `file` names.
  func resolve(_ path: String, in file: String) -> String {
    guard isForeign else { return FilePath.resolve(path, beside: file, expansion) }
    return FilePath.resolve(path, beside: directory + "/", expansion)
  }
}

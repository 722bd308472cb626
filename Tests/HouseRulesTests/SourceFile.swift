import Foundation

/// One file of the repository as the rules read it.
struct SourceFile: Sendable {
  /// Below the repository's root: `Sources/Engine/FleetMachine.swift`.
  let path: String
  let lines: [String]
  /// The same lines with comments and the contents of string literals blanked out; Swift only.
  let code: [String]

  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    code =
      path.hasSuffix(".swift")
      ? blanked(text).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      : []
  }

  /// `FleetMachine` of `Sources/Engine/FleetMachine.swift`.
  var name: String {
    let last = path.split(separator: "/").last ?? ""
    return last.hasSuffix(".swift") ? String(last.dropLast(6)) : String(last)
  }

  /// The module a file below `Sources` belongs to; nil elsewhere.
  var module: String? {
    let parts = path.split(separator: "/")
    return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
  }

  var isSwiftSource: Bool { path.hasPrefix("Sources/") && path.hasSuffix(".swift") }
}

extension SourceFile {
  /// Every text file that is kept in the repository, sorted by path.
  static let all: [SourceFile] = {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    var files: [SourceFile] = []
    for top in ["Sources", "Tests", "docs", "scripts", "themes", ".ci"] {
      let names = FileManager.default.enumerator(atPath: root.appending(path: top).path)
      while let name = names?.nextObject() as? String {
        guard !name.contains("__pycache__") else { continue }
        files += read("\(top)/\(name)", below: root)
      }
    }
    for name in ["Package.swift", "Makefile", "README.md", "CHANGELOG.md"] {
      files += read(name, below: root)
    }
    return files.sorted { $0.path < $1.path }
  }()

  /// One file, or none when the path is a directory or holds no text.
  private static func read(_ path: String, below root: URL) -> [SourceFile] {
    guard let data = FileManager.default.contents(atPath: root.appending(path: path).path),
      let text = String(data: data, encoding: .utf8)
    else { return [] }
    return [SourceFile(path: path, text: text)]
  }
}

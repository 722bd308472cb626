import Foundation
import Glibc

/// One file of the repository as the rules read it.
struct SourceFile: Sendable {
  /// Below the repository's root: `Sources/Engine/FleetMachine.swift`.
  let path: String
  let lines: [String]
  /// The same lines with comments and the contents of string literals blanked out; Swift only.
  let code: [String]
  /// Ended by the only zero in it, for C.
  private let text: [UInt8]
  private let codeText: [UInt8]

  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    self.text = Array(text.replacing("\0", with: " ").utf8) + [0]
    let blank = path.hasSuffix(".swift") ? blanked(text) : ""
    code = blank.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    codeText = Array(blank.replacing("\0", with: " ").utf8) + [0]
  }

  /// The lines, counted from 1, on which the token stands in code.
  func linesOfCode(with token: String) -> [Int] { Self.lines(of: codeText, with: token) }

  /// The same, comments and strings included.
  func lines(with token: String) -> [Int] { Self.lines(of: text, with: token) }

  /// A token is looked for as a whole word where it starts or ends with a letter; by `strstr`, for the
  /// rules together read every byte of the tree some fifty times.
  private static func lines(of text: [UInt8], with token: String) -> [Int] {
    let wanted = Array(token.utf8)
    guard let first = wanted.first, let last = wanted.last else { return [] }
    var found: [Int] = []
    let pattern = wanted.map { CChar(bitPattern: $0) } + [0]
    text.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress?.assumingMemoryBound(to: CChar.self) else { return }
      var start = 0
      var line = 1
      var counted = 0
      while let hit = strstr(base + start, pattern) {
        let offset = UnsafePointer(hit) - base
        start = offset + 1
        let end = offset + wanted.count
        let joinsBefore = offset > 0 && isIdentifier(bytes[offset - 1]) && isIdentifier(first)
        let joinsAfter = end < bytes.count && isIdentifier(bytes[end]) && isIdentifier(last)
        guard !joinsBefore, !joinsAfter else { continue }
        line += bytes[counted..<offset].count { $0 == UInt8(ascii: "\n") }
        counted = offset
        if found.last != line { found.append(line) }
      }
    }
    return found
  }

  private static func isIdentifier(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
      || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
      || byte >= 0x80
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

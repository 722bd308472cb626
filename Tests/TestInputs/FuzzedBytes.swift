import Foundation

/// An input that a fuzzer begins with, or once broke something with.
package struct FuzzedBytes: Sendable, CustomStringConvertible {
  package let description: String
  package let bytes: [UInt8]

  /// All of a target, of the folders that `make fuzz` reads and writes.
  package static func all(of target: String) -> [FuzzedBytes] {
    ["Corpus", "Findings"].flatMap { folder in
      let directory = URL(filePath: #filePath)
        .appending(path: "../../../Fuzz/\(folder)/\(target)").standardizedFileURL
      // There are no findings as long as nothing was found.
      let names = (try? FileManager.default.contentsOfDirectory(atPath: directory.path)) ?? []
      return names.filter { !$0.hasPrefix(".") }.sorted().compactMap { name in
        FileManager.default.contents(atPath: directory.appending(path: name).path)
          .map { FuzzedBytes(description: "\(folder)/\(target)/\(name)", bytes: Array($0)) }
      }
    }
  }
}

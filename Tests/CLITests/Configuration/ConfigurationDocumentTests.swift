import FleetModel
import Foundation
import Testing

@testable import CLI

/// The documents say what the program does.
struct ConfigurationDocumentTests {
  private static let docs = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "docs")

  private func document(_ name: String) throws -> String {
    try String(contentsOf: Self.docs.appending(path: name), encoding: .utf8)
  }

  @Test func `the example is read without a word`() throws {
    let configuration = ConfigurationBench.load(try document("mcpdash.example.json5"))
    #expect(configuration.errorTexts == [])
    #expect(configuration.warningTexts == [])
    #expect(configuration.names == ["weather", "files", "local", "held"])
    #expect(configuration.isUsable)
  }

  @Test(arguments: PolicyField.groups)
  func `the page lists every policy with its range and default`(group: String) throws {
    let page = try document("configuration.md")
    #expect(page.contains(PolicyDocument.table(of: group)), "\(PolicyDocument.table(of: group))")
  }

  @Test func `the page names every place and every setting`() throws {
    let page = try document("configuration.md")
    let places = StandardPlaces.written.compactMap { page.range(of: "| `\($0)` |")?.lowerBound }
    #expect(places.count == StandardPlaces.written.count)
    #expect(places == places.sorted(), "the page has them in the order of precedence")
    for key in ServerEntry.ownKeys + ConfigurationLoader.rootKeys.filter({ $0 != "deadLetters" }) {
      #expect(page.contains("`\(key)`"), "\(key)")
    }
  }

  @Test func `the page names every key and word of rules, fallbacks and endpoints`() throws {
    let page = try document("configuration.md")
    let keys =
      RetryRuleReader.ownKeys + PolicyField.schedule.map(\.name) + FallbackReader.keys
      + EndpointListReader.ownKeys + FailureCause.kinds.map(\.name)
      + RetrySchedule.profiles.map(\.name) + RetrySchedule.Jitter.allCases.map(\.rawValue)
      + RetryPolicy.DeliveryRule.allCases.map(\.rawValue)
      + RetryRuleReader.Then.allCases.map { "\"\($0.rawValue)\"" }
    for key in keys { #expect(page.contains("`\(key)`"), "\(key)") }
  }

  @Test func `every example of the page is read without a word`() throws {
    let parts = try document("configuration.md").components(separatedBy: "```json5\n").dropFirst()
    #expect(parts.count == 4)
    for part in parts {
      let example = try #require(part.components(separatedBy: "```").first)
      let configuration = ConfigurationBench.load(example)
      #expect(configuration.errorTexts == [])
      #expect(configuration.warningTexts == [])
      #expect(configuration.isUsable)
    }
  }
}

/// The tables of the page, from the table of the program.
enum PolicyDocument {
  static func table(of group: String) -> String {
    let policies = Policies()
    var lines = ["| `\(group)` | default | may be | |", "|---|---|---|---|"]
    for field in PolicyField.fields(of: group) {
      lines.append(
        "| `\(field.name)` | \(field.text(in: policies)) | \(field.form) | \(field.summary) |")
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

/// Whatever a file holds, it is read or refused in words.
struct ConfigurationRobustnessTests {
  private static let example =
    (try? String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/mcpdash.example.json5"), encoding: .utf8)) ?? ""

  private static let pieces = [
    "{", "}", "[", "]", ",", ":", "'", "\"", "\\", "/*", "//", "null", "-1", "1e999", "NaN", "''",
    "{}", "[]", "true", "${X}", "\u{0}", "\n", "é", "😀", "'1s'", "servers:", "*",
  ]

  @Test(arguments: 0..<400 as Range<UInt64>)
  func `a mutated file is read or refused with a place`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var text = Array(Self.example)
    #expect(!text.isEmpty)
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let start = Int.random(in: 0..<text.count, using: &random)
      let end = min(text.count, start + Int.random(in: 0..<12, using: &random))
      let piece = Self.pieces[Int.random(in: 0..<Self.pieces.count, using: &random)]
      text.replaceSubrange(start..<end, with: Array(piece))
    }
    let configuration = ConfigurationBench.load(String(text))
    for problem in configuration.errors + configuration.warnings {
      #expect(problem.file == "m.json5" || problem.file.hasPrefix("team"))
      #expect(!problem.message.isEmpty)
    }
    #expect(configuration.isUsable || !configuration.errors.isEmpty)
    #expect(Set(configuration.names).count == configuration.names.count)
  }
}

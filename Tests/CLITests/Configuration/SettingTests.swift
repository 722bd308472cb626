import FleetModel
import Foundation
import Testing

@testable import CLI

/// A flag counts before its variable, that before the file, and that before what is built in.
struct SettingTests {
  /// Two values for each setting that differ from each other and from the built-in one.
  private static let samples: [String: [String]] = [
    "config": ["a.json", "b.json"], "no-discovery": ["1", "0"], "state-dir": ["/a", "/b"],
    "theme": ["a", "b"], "no-color": ["1"], "ascii": ["1", "0"], "mouse": ["1", "0"],
    "refresh": ["5s", "7s", "9s"], "locality": ["a", "b"], "dlq-file": ["/a", "/b"],
    "redis": ["h:1", "[::1]:2"], "redis-db": ["1", "2"], "redis-password-file": ["/a"],
    "deadLetters.ttl": ["1h", "2h"], "deadLetters.limit": ["1", "2"],
    "deadLetters.processor.enabled": ["1", "0"], "deadLetters.processor.every": ["1m", "1h"],
  ]

  @Test(arguments: Setting.all.map(\.name))
  func `flag before environment before file before default`(name: String) throws {
    let setting = try #require(Setting.all.first { $0.name == name })
    let samples = try #require(Self.samples[name], "no samples for \(name)")
    let builtIn = try effective(setting, flag: nil, variable: nil, file: nil)
    let values: [String?] = samples.map { $0 } + [nil]
    for flag in setting.flag == nil ? [nil] : values {
      for variable in setting.variable == nil ? [nil] : values {
        for file in setting.key == nil ? [nil] : values {
          let found = try effective(setting, flag: flag, variable: variable, file: file)
          guard let first = flag ?? variable ?? file else {
            #expect(found == builtIn)
            continue
          }
          // What the nearest place says alone is what holds with all the others.
          let alone =
            flag != nil
            ? try effective(setting, flag: first, variable: nil, file: nil)
            : variable != nil
              ? try effective(setting, flag: nil, variable: first, file: nil)
              : try effective(setting, flag: nil, variable: nil, file: first)
          #expect(found == alone, "flag \(flag ?? "-"), \(variable ?? "-"), \(file ?? "-")")
        }
      }
    }
  }

  @Test func `every place can set every setting that it has`() throws {
    for setting in Setting.all {
      let builtIn = try effective(setting, flag: nil, variable: nil, file: nil)
      let samples = Self.samples[setting.name] ?? []
      func changes(_ isThere: Bool, _ read: (String) throws -> String) rethrows {
        guard isThere else { return }
        #expect(try samples.contains { try read($0) != builtIn }, "\(setting.name)")
      }
      try changes(setting.flag != nil) {
        try effective(setting, flag: $0, variable: nil, file: nil)
      }
      try changes(setting.variable != nil) {
        try effective(setting, flag: nil, variable: $0, file: nil)
      }
      try changes(setting.key != nil) {
        try effective(setting, flag: nil, variable: nil, file: $0)
      }
    }
  }

  @Test func `every global flag is in the table, and the page has all of it`() throws {
    let flags = FlagTable.global.map(\.long).filter { $0 != "help" && $0 != "version" }
    #expect(Set(Setting.all.compactMap(\.flag)) == Set(flags))
    let page = try String(
      contentsOf: URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "docs/configuration.md"), encoding: .utf8)
    #expect(page.contains(Self.table), "\(Self.table)")
  }

  private static var table: String {
    func cell(_ text: String?) -> String { text.map { "`\($0)`" } ?? "" }
    let rows = Setting.all.map {
      "| \(cell($0.flag.map { "--" + $0 })) | \(cell($0.variable)) | \(cell($0.key)) | "
        + "\($0.standard) |\n"
    }
    return "| flag | variable | file | default |\n|---|---|---|---|\n" + rows.joined()
  }

  /// - Parameter flag: for a switch anything but `0` means that it is there.
  private func effective(
    _ setting: Setting, flag: String?, variable: String?, file: String?
  ) throws -> String {
    var words: [String] = []
    if let flag, let name = setting.flag, let entry = FlagTable.named(name) {
      if entry.value != .none { words = ["--\(name)", flag] } else { words = ["--\(name)"] }
    }
    var environment = ["HOME": "/home/op"]
    if let variable, let name = setting.variable { environment[name] = variable }
    let options = try InvocationReader.read(words, environment: environment).options
    var settings = Configuration.Settings()
    if let file, let key = setting.key {
      var text = ["1": "true", "0": "false"][file] ?? "'\(file)'"
      for part in key.split(separator: ".").reversed() { text = "{\(part): \(text)}" }
      settings = ConfigurationBench.load(text).settings
    }
    return setting.effective(options, settings)
  }
}

extension Setting {
  fileprivate var name: String { flag ?? key ?? "" }
}

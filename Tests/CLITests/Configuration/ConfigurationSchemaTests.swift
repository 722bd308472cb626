import FleetModel
import Foundation
import Testing

@testable import CLI

/// The schema for editors says what the readers do.
struct ConfigurationSchemaTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  private func document(_ name: String) throws -> String {
    try String(contentsOf: Self.root.appending(path: "docs/\(name)"), encoding: .utf8)
  }

  @Test func `the schema in docs is the one the program prints`() throws {
    #expect(
      try document("mcpdash.schema.json") == ConfigurationSchema.text,
      "run: swift run mcpdash schema > docs/mcpdash.schema.json")
  }

  @Test func `every key that is read is in the schema, and no other`() throws {
    let schema = try JSON5Reader.read(Array(ConfigurationSchema.text.utf8)).root
    func keys(_ path: String...) -> Set<String> {
      var value: JSON5Value? = schema
      for part in path { value = value?[part] }
      return Set((value?["properties"]?.members ?? []).map(\.key))
    }
    #expect(keys() == Set(ConfigurationLoader.rootKeys))
    let foreign = ServerEntry.foreignKeys
    #expect(keys("$defs", "server") == Set(ServerEntry.ownKeys).union(foreign))
    #expect(
      keys("$defs", "endpoint") == Set(EndpointReader.keys + EndpointListReader.ownKeys))
    #expect(keys("$defs", "policies") == Set(PolicyReader.keys))
    for group in PolicyField.groups {
      #expect(
        keys("$defs", "policies", "properties", group)
          == Set(PolicyField.fields(of: group).map(\.name)))
    }
    #expect(
      keys("$defs", "rule") == Set(RetryRuleReader.ownKeys + PolicyField.schedule.map(\.name)))
    #expect(keys("$defs", "fallbacks", "items") == Set(FallbackReader.keys))
    #expect(keys("$defs", "probes", "items") == Set(ProbeReader.keys))
    #expect(keys("$defs", "group") == Set(GroupReader.keys))
    let letters = ["properties", "deadLetters"]
    func letterKeys(_ path: String...) -> Set<String> {
      var value: JSON5Value? = schema
      for part in letters + path { value = value?[part] }
      return Set((value?["properties"]?.members ?? []).map(\.key))
    }
    #expect(letterKeys() == Set(DeadLetterReader.keys))
    #expect(letterKeys("properties", "redis") == Set(DeadLetterReader.redisKeys))
    #expect(letterKeys("properties", "processor") == Set(DeadLetterReader.processorKeys))
    #expect(
      letterKeys("properties", "processor", "properties", "rules", "items")
        == Set(DeadLetterReader.ruleKeys))
    #expect(keys("properties", "toolhive") == Set(DiscoveryField.all.map(\.key)))
  }

  /// By PyPI's `jsonschema`, which this project did not write.
  @Test func `every example is valid, and what the program refuses is not`() throws {
    let page = try document("configuration.md")
    var good = page.components(separatedBy: "```json5\n").dropFirst().compactMap {
      $0.components(separatedBy: "```").first
    }
    good.append(try document("mcpdash.example.json5"))
    let bad = [
      "{serverz: {}}", "{servers: {a: {comand: 'a'}}}", "{defaults: {retry: {retries: -1}}}",
      "{defaults: {retry: {tryTimeout: 'soon'}}}", "{defaults: {breaker: {failures: 1.5}}}",
      "{groups: {p: {policies: {}}}}", "{probes: {a: [{every: '1s'}]}}", "{discover: 'no'}",
      "{defaults: {session: {input: 'yes'}}}", "{servers: {a: {type: 'ftp'}}}",
      "{servers: {a: {ports: 'x'}}}", "{servers: {a: {identity: {name: 'x'}}}}",
      "{deadLetters: {limit: 0}}", "{deadLetters: {redis: {adress: 'a'}}}",
      "{deadLetters: {secrets: [{value: 'v'}]}}", "{deadLetters: {processor: {rules: [{age: 1}]}}}",
      "{deadLetters: {processor: {rules: [{delivery: 'lost'}]}}}", "{policies: {a: {speed: {}}}}",
      "{defaults: {fallbacks: [{tool: 'a', cache: false}]}}",
    ]
    for text in bad {
      let configuration = ConfigurationBench.load(text)
      #expect(!(configuration.errors.isEmpty && configuration.warnings.isEmpty), "\(text)")
    }
    let verdicts = try judge(good + bad)
    #expect(verdicts == good.map { _ in true } + bad.map { _ in false }, "\(verdicts)")
  }

  private func judge(_ texts: [String]) throws -> [Bool] {
    let python = Self.root.appending(path: ".venv/current/bin/python")
    try #require(
      FileManager.default.isExecutableFile(atPath: python.path), "run: make test-tools")
    let documents = try texts.map { try JSON5Reader.read(Array($0.utf8)).root.json.text }
    let script = """
      import json, sys
      from jsonschema import Draft202012Validator as Validator
      schema, *documents = [json.loads(line) for line in sys.stdin]
      Validator.check_schema(schema)
      validator = Validator(schema)
      print(*[int(validator.is_valid(document)) for document in documents])
      """
    let schema = try JSON5Reader.read(Array(ConfigurationSchema.text.utf8)).root.json.text
    let process = Process()
    process.executableURL = python
    process.arguments = ["-c", script]
    let (input, output) = (Pipe(), Pipe())
    (process.standardInput, process.standardOutput) = (input, output)
    try process.run()
    input.fileHandleForWriting.write(
      Data(([schema] + documents).joined(separator: "\n").utf8))
    try input.fileHandleForWriting.close()
    let text = String(
      decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text.split(whereSeparator: \.isWhitespace).map { $0 == "1" }
  }
}

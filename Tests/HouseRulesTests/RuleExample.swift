import Testing

/// A file made up to try a rule on, and the lines on which the rule must speak.
struct RuleExample: Sendable, CustomTestStringConvertible {
  let rule: HouseRule
  let path: String
  let text: String
  /// Counted from 1; empty for a file that keeps the rule.
  let lines: [Int]

  init(_ rule: HouseRule, _ path: String, _ text: String, breaks lines: [Int]) {
    self.rule = rule
    self.path = path
    self.text = text
    self.lines = lines
  }

  var testDescription: String {
    "\(rule.name): \(text.prefix(60).split(separator: "\n").first ?? "")"
  }

  static let all: [RuleExample] = imports + purity + safety + shape + naming

  private static let imports: [RuleExample] = [
    RuleExample(
      ImportRules.importsPointDown, "Sources/Dashboard/Panel.swift",
      "import Engine\npackage import FleetModel\nimport Foundation", breaks: [1, 3]),
    RuleExample(
      ImportRules.importsPointDown, "Sources/Gateway/Door.swift",
      "@preconcurrency import CCurl\nimport struct Foundation.Data", breaks: [1, 2]),
    RuleExample(
      ImportRules.importsPointDown, "Sources/Adapters/Curl.swift",
      "import CCurl\nimport Glibc\nimport CSimdjson", breaks: [3]),
    RuleExample(
      ImportRules.importsPointDown, "Sources/Engine/LiveFleet.swift",
      "import Synchronization\n// import Adapters\nimport FleetModel", breaks: []),
  ]

  private static let purity: [RuleExample] = [
    RuleExample(
      PurityRules.noClock, "Sources/Resilience/Breaker.swift",
      "let a = Date()\nlet b = ContinuousClock.now\nupdate(\n// Date()", breaks: [1, 2]),
    RuleExample(
      PurityRules.noClock, "Sources/Adapters/Clock.swift", "let now = ContinuousClock.now",
      breaks: []),
    RuleExample(
      PurityRules.noChance, "Sources/Resilience/Backoff.swift",
      """
      let a = Double.random(in: 0...1)
      let b = Double.random(
        in: range(0),
        using: &random)
      var chance = SystemRandomNumberGenerator()
      let c = names.shuffled()
      let d = Int.random(in: 0..<names.count, using: &random)
      """, breaks: [1, 5, 6]),
    RuleExample(
      PurityRules.noTaskOrLock, "Sources/Engine/FleetMachine.swift",
      "Task { await call() }\nlet state = Mutex(0)\nvar executor: any TaskExecutor\nDispatchQueue.main",
      breaks: [1, 2, 4]),
    RuleExample(
      PurityRules.noTaskOrLock, "Sources/Engine/LiveFleet+Calls.swift", "let state = Mutex(0)",
      breaks: []),
  ]

  private static let safety: [RuleExample] = [
    RuleExample(
      SafetyRules.noCrash, "Sources/CLI/Flags.swift",
      "let a = try! read()\nlet b = a as! String\nfatalError(\"no\")\nlet c = \"try! this\"",
      breaks: [1, 2, 3]),
    RuleExample(
      SafetyRules.noPublic, "Sources/CLI/Flags.swift",
      "public struct Flags {}\nlet publication = 1",
      breaks: [1]),
    RuleExample(
      SafetyRules.noDetachedTask, "Sources/Adapters/Loop.swift", "Task.detached { work() }",
      breaks: [1]),
    RuleExample(
      SafetyRules.noUnchecked, "Sources/CLI/Box.swift",
      "final class Box: @unchecked Sendable {}\nnonisolated(unsafe) var count = 0", breaks: [1, 2]),
    RuleExample(
      SafetyRules.noUnchecked, "Sources/Adapters/Box.swift",
      "final class Box: @unchecked Sendable {}", breaks: []),
    RuleExample(
      SafetyRules.noEmptyCatch, "Sources/CLI/Files.swift",
      "do { try a() } catch {}\ndo {\n} catch {\n}\ndo { try a() } catch { report(error) }",
      breaks: [1, 3]),
    RuleExample(
      SafetyRules.noLeftover, "docs/testing.md", "One.\nTODO: two\nmktemp fileXXXXXX\n", breaks: [2]
    ),
    RuleExample(
      SafetyRules.noPath, "scripts/run", "cd /root/here\nhttps://example.com/a/rooted/b",
      breaks: [1]),
  ]

  private static let shape: [RuleExample] = [
    RuleExample(
      ShapeRules.shortFiles, "Sources/CLI/Long.swift",
      String(repeating: "\n", count: ShapeRules.fileLimit + 1), breaks: [ShapeRules.fileLimit + 1]),
    RuleExample(
      ShapeRules.shortFiles, "Tests/CLITests/LongTests.swift",
      String(repeating: "\n", count: ShapeRules.fileLimit + 1), breaks: [ShapeRules.fileLimit + 1]),
    RuleExample(
      ShapeRules.shortFiles, "Sources/CLI/Full.swift",
      String(repeating: "\n", count: ShapeRules.fileLimit), breaks: []),
    RuleExample(
      ShapeRules.shortLines, "Sources/CLI/Wide.swift",
      String(repeating: "é", count: ShapeRules.lineLimit) + "\n"
        + String(repeating: "e", count: ShapeRules.lineLimit + 1), breaks: [2]),
    RuleExample(
      ShapeRules.shortFunctions, "Sources/CLI/Deep.swift",
      """
      protocol Door {
        func open() async throws(Failure) -> Door
        init(name: String)
      }
      struct Room {
        init(
          body: () -> Void = {}
        ) {
      \(String(repeating: "    if true { call(\"}\") }\n", count: ShapeRules.functionLimit - 5))
        }
        func long() {
          self.init(
            name)
      \(String(repeating: "    // }\n", count: ShapeRules.functionLimit - 4))
        }
      }
      """, breaks: [ShapeRules.functionLimit + 6]),
  ]

  private static let naming: [RuleExample] = [
    RuleExample(
      NamingRules.noEmptyNames, "Sources/CLI/Names.swift",
      """
      package final class FleetManager {}
      struct ServerInfo {}
      struct ConnectionInfo {}
      struct Base64 {}
      enum Baseline {}
      let kind = struct
      """, breaks: [1, 2]),
    RuleExample(
      NamingRules.documented, "Sources/FleetModel/Names.swift",
      """
      /// A name.
      package struct Name {}
      /// An actor.
      @globalActor
      package actor Screen {}

      package enum Kind {
        package struct Inner {}
      }
      struct Private {}
      """, breaks: [7]),
    RuleExample(
      NamingRules.fileNamedAfterType, "Sources/CLI/Flags.swift", "struct Options {}", breaks: [1]),
    RuleExample(
      NamingRules.fileNamedAfterType, "Sources/CLI/Options+JSON.swift",
      "import FleetModel\npackage extension Options {\n}\nstruct Part {}", breaks: []),
    RuleExample(
      NamingRules.fileNamedAfterType, "Sources/CLI/Frame.swift", "package func frame(\n) {}",
      breaks: []),
  ]
}

/// What no file of the house may contain.
enum SafetyRules {
  static let all = [
    noCrash, noPublic, noDetachedTask, noUnchecked, noEmptyCatch, noLeftover, noPath,
  ]

  @Sendable private static func isSwift(_ file: SourceFile) -> Bool { file.isSwiftSource }

  static let noCrash = HouseRule.forbid(
    "no `try!`, no `as!`, no `fatalError`: misuse is a preconditionFailure with the broken rule",
    ["try!", "as!", "fatalError("], in: isSwift)

  static let noPublic = HouseRule.forbid(
    "nothing is public: there is no caller outside of the package", ["public", "open class"],
    in: isSwift)

  static let noDetachedTask = HouseRule.forbid(
    "no detached task: every task has an owner that awaits it", ["Task.detached"], in: isSwift)

  static let noUnchecked = HouseRule.forbid(
    "only Adapters vouch for what the compiler cannot check",
    ["@unchecked Sendable", "nonisolated(unsafe)"],
    in: { $0.isSwiftSource && $0.module != "Adapters" })

  static let noEmptyCatch = HouseRule(name: "no error is caught and dropped") { file in
    guard file.isSwiftSource else { return [] }
    return file.code.enumerated().compactMap { index, line in
      let next = index + 1 < file.code.count ? file.code[index + 1] : ""
      let isEmpty =
        line.contains("catch {}") || line.contains("catch { }")
        || line.hasSuffix("catch {") && next.allSatisfy({ $0 == " " || $0 == "}" })
          && next.contains("}")
      return isEmpty
        ? Violation(path: file.path, line: index + 1, found: "an empty catch") : nil
    }
  }

  static let noLeftover = everywhere(
    "nothing is left for later", ["TO" + "DO", "FIX" + "ME", "X" + "XX"])

  static let noPath = everywhere(
    "no path of a development machine", ["/Users/", "/root/"])

  /// Looks into comments, strings and files that are not Swift too; the examples of this test aside.
  private static func everywhere(_ name: String, _ words: [String]) -> HouseRule {
    HouseRule(name: name) { file in
      guard !file.path.hasPrefix("Tests/HouseRulesTests/") else { return [] }
      return words.flatMap { word in
        file.lines(with: word).map { Violation(path: file.path, line: $0, found: word) }
      }
    }
  }
}

import Testing

@Suite struct HouseRulesTests {
  @Test(arguments: HouseRule.all)
  func `every file keeps the rule`(rule: HouseRule) {
    let violations = SourceFile.all.flatMap(rule.check)
    guard !violations.isEmpty else { return }
    let list = violations.map(\.description).joined(separator: "\n")
    Issue.record("broken: \(rule.name)\n\(list)")
  }

  @Test(arguments: RuleExample.all)
  func `a rule speaks where it is broken and nowhere else`(example: RuleExample) {
    let file = SourceFile(path: example.path, text: example.text)
    #expect(example.rule.check(file).map(\.line) == example.lines)
  }

  @Test(arguments: HouseRule.all)
  func `every rule has an example that breaks it`(rule: HouseRule) {
    #expect(RuleExample.all.contains { $0.rule.name == rule.name && !$0.lines.isEmpty })
  }

  @Test func `the rules read the whole tree`() {
    let modules = Set(SourceFile.all.compactMap(\.module))
    #expect(modules.isSuperset(of: ImportRules.allowed.keys))
    #expect(SourceFile.all.contains { $0.path == "Makefile" })
  }

  @Test(arguments: [
    ("let a = 1 // try!", "let a = 1        "),
    ("a(\"try! \\(b as! C) \")", "a(\"      (b as! C) \")"),
    ("a(#\"\\\"\"#) // b", "a(#\"  \"#)     "),
    ("/* a /* b */ c */ d", "                  d"),
    ("\"\"\"\na \" b\n\"\"\" c", "\"\"\"\n     \n\"\"\" c"),
  ])
  func `comments and the contents of strings are blanked`(text: String, expected: String) {
    #expect(blanked(text) == expected)
  }
}

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

  @Test func `each known failure of the field has the test that the page of resilience names`() {
    let page = SourceFile.all.first { $0.path == "docs/resilience.md" }?.lines ?? []
    let tests = SourceFile.all.filter { $0.path.hasPrefix("Tests/") }.flatMap(\.lines)
    for number in 1...40 {
      let row = page.first { $0.hasPrefix("| \(number) |") }
      let name = row?.split(separator: "`").dropLast().last
      let test = "func `\(name ?? "nothing is named") (pitfall \(number))`"
      #expect(tests.contains { $0.contains(test) }, "\(test)")
    }
  }

  @Test func `each promise about dead letters has the tests that their page names`() {
    let page = SourceFile.all.first { $0.path == "docs/dead-letters.md" }?.lines ?? []
    var tests: Set<Substring> = []
    for line in SourceFile.all.filter({ $0.path.hasPrefix("Tests/") }).flatMap(\.lines)
    where line.contains("func `") {
      let name = line.split(separator: "`")[1]
      tests.insert(name[..<(name.firstRange(of: " (pitfall ")?.lowerBound ?? name.endIndex)])
    }
    for number in 1...35 {
      let row = page.last { $0.hasPrefix("| \(number) |") } ?? ""
      let proofs = row.split(separator: " | ").last ?? ""
      let parts = proofs.split(separator: "`", omittingEmptySubsequences: false)
      let names = parts.indices.filter { $0 % 2 == 1 }.map { parts[$0] }
      #expect(!names.isEmpty, "row \(number)")
      for name in names {
        #expect(tests.contains(name), "row \(number)")
      }
    }
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

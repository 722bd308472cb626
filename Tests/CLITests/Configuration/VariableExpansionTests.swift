import Testing

@testable import CLI

struct VariableExpansionTests {
  private let expansion = VariableExpansion(
    environment: ["A": "alpha", "_b2": "beta", "EMPTY": "", "NEST": "${A}", "1X": "no"])

  @Test(arguments: [
    ("", ""), ("plain", "plain"), ("${A}", "alpha"), ("x${A}y${_b2}z", "xalphaybetaz"),
    ("${env:A}", "alpha"), ("${A:-d}", "alpha"), ("${NO:-d}", "d"), ("${env:NO:-d}", "d"),
    ("${NO:-}", ""), ("${EMPTY}", ""), ("${EMPTY:-d}", "d"), ("${NO:-a b/c:${A}!}", "a b/c:alpha!"),
    ("${NO:-${ALSO:-deep}}}", "deep}"), ("$A", "$A"), ("$", "$"), ("${", "${"), ("${A", "${A"),
    ("${}", "${}"), ("${1X}", "${1X}"), ("${x%y}", "${x%y}"), ("${A-d}", "${A-d}"),
    ("${A:+d}", "${A:+d}"), ("$${A}", "$alpha"), ("${NEST}", "${A}"), ("ü${A}ü", "üalphaü"),
    ("${ä}", "${ä}"),
  ])
  func `variables are replaced and everything else stays`(text: String, expanded: String) throws {
    #expect(try expansion.expand(text) == expanded)
  }

  @Test(arguments: ["${NO}", "a${A}${NO}b", "${env:NO}", "${ALSO:-${NO}}"])
  func `a variable that is not set is an error by name`(text: String) {
    #expect(throws: VariableExpansion.Failure.missing("NO")) { try expansion.expand(text) }
  }

  @Test func `defaults nest to the limit and no deeper`() throws {
    func nested(_ depth: Int) -> String {
      String(repeating: "${NO:-", count: depth) + "d" + String(repeating: "}", count: depth)
    }
    #expect(try expansion.expand(nested(VariableExpansion.nestingLimit)) == "d")
    #expect(throws: VariableExpansion.Failure.nestedTooDeep) {
      try expansion.expand(nested(VariableExpansion.nestingLimit + 1))
    }
  }
}

struct DurationTextTests {
  @Test(arguments: [
    ("100ms", 100), ("30s", 30_000), ("5m", 300_000), ("2h", 7_200_000), ("7d", 604_800_000),
    ("1.5s", 1500), ("1h30m", 5_400_000), ("2", 2000), ("0.25", 250), ("0s", 0),
  ])
  func `a length of time is read`(text: String, milliseconds: Int) {
    #expect(DurationText.read(text) == .milliseconds(milliseconds))
  }

  @Test(arguments: ["", "s", "5x", "-5s", "5 s", "1.2.3s", "5sm", "1e3s", "٣s", "99999999999999d"])
  func `what is no length of time is refused`(text: String) {
    #expect(DurationText.read(text) == nil)
  }

  @Test(arguments: [0, 1, 999, 1000, 90_000, 5_400_000, 86_400_000, 694_861_001])
  func `what is written is read back`(milliseconds: Int) {
    let duration = Duration.milliseconds(milliseconds)
    #expect(DurationText.read(DurationText.write(duration)) == duration)
  }
}

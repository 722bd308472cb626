import FleetModel
import TestInputs
import Testing

@Suite struct NamePatternTests {
  @Test(arguments: [
    ("search", "search", true), ("search", "Search", false), ("search", "search2", false),
    ("*", "", true), ("*", "anything", true), ("", "", true), ("", "a", false),
    ("pay_*", "pay_", true), ("pay_*", "pay_bill", true), ("pay_*", "repay_bill", false),
    ("*_delete", "user_delete", true), ("*_delete", "user_delete_not", false),
    ("a?c", "abc", true), ("a?c", "ac", false), ("a?c", "aéc", true), ("?", "", false),
    ("a*b*c", "a1b2b3c", true), ("a*b*c", "acb", false), ("**a**", "xxa", true),
    ("*?*", "", false), ("*?*", "x", true), ("ab*ba", "aba", false),
  ])
  func `a pattern fits names as a shell's would`(pattern: String, name: String, expected: Bool) {
    #expect(NamePattern(pattern).matches(name) == expected)
  }

  @Test func `only the pattern for all fits a call without a name`() {
    #expect(NamePattern.any.matches(nil))
    #expect(!NamePattern("**").matches(nil))
    #expect(!NamePattern("").matches(nil))
  }

  @Test(arguments: 0..<20)
  func `it agrees with a definition by cases`(seed: Int) {
    func fits(_ pattern: Substring, _ name: Substring) -> Bool {
      guard let first = pattern.first else { return name.isEmpty }
      if first == "*" {
        return fits(pattern.dropFirst(), name) || !name.isEmpty && fits(pattern, name.dropFirst())
      }
      guard let letter = name.first, first == "?" || first == letter else { return false }
      return fits(pattern.dropFirst(), name.dropFirst())
    }
    var random = SplitMix64(seed: UInt64(seed))
    func text(_ letters: [String], _ length: Int) -> String {
      (0..<length).map { _ in letters[random.below(letters.count)] }.joined()
    }
    for _ in 0..<2000 {
      let pattern = text(["a", "b", "*", "?"], random.below(8))
      let name = text(["a", "b"], random.below(9))
      #expect(
        NamePattern(pattern).matches(name) == fits(pattern[...], name[...]),
        "\(pattern) on \(name)")
    }
  }

  @Test(arguments: [
    String(repeating: "*a", count: 500) + "b", "*" + String(repeating: "a", count: 500) + "b",
    String(repeating: "*", count: 1000) + "b", String(repeating: "*?", count: 500) + "b",
  ])
  func `a hostile pattern on a hostile name comes to an end`(pattern: String) {
    #expect(!NamePattern(pattern).matches(String(repeating: "a", count: 2000)))
  }
}

@Suite struct FailureCauseTests {
  private let bare = Reply.failure(.of(.httpStatus(503)))
  private let error = Reply.protocolError(RPCError(code: -32603, message: "", httpStatus: 503))
  private let line = Reply.protocolError(RPCError(code: -32603, message: "", httpStatus: nil))

  @Test func `a kind fits failures of that kind`() {
    for (name, kind) in FailureCause.kinds {
      #expect(FailureCause.kind(kind).matches(.failure(.of(kind))), "\(name)")
      #expect(!FailureCause.kind(kind).matches(bare), "\(name)")
      #expect(!FailureCause.kind(kind).matches(error), "\(name)")
    }
  }

  @Test func `a status fits with an error object and without`() {
    #expect(FailureCause.status(503...503).matches(bare))
    #expect(FailureCause.status(500...599).matches(error))
    #expect(!FailureCause.status(500...599).matches(line))
    #expect(!FailureCause.status(500...502).matches(bare))
    #expect(!FailureCause.status(500...502).matches(error))
    #expect(!FailureCause.status(0...999).matches(.failure(.of(.unauthorized))))
  }

  @Test func `a code fits error objects only`() {
    #expect(FailureCause.code(-32603 ... -32603).matches(error))
    #expect(FailureCause.code(-32768 ... -32000).matches(line))
    #expect(!FailureCause.code(-32602 ... -32600).matches(error))
    #expect(!FailureCause.code(Int.min...Int.max).matches(bare))
  }

  @Test func `nothing fits an answer`() {
    for cause: FailureCause in [
      .kind(.tls), .status(Int.min...Int.max), .code(Int.min...Int.max),
    ] {
      #expect(!cause.matches(.success(.emptyObject)))
      #expect(!cause.matches(.toolError(.emptyObject)))
    }
  }
}

@Suite struct ToolDeliveryTests {
  @Test func `the first pattern that fits a tool counts, else the server's rule`() {
    var policy = RetryPolicy()
    policy.delivery = .atLeastOnce
    policy.toolDelivery = [
      ToolDelivery(tool: NamePattern("pay_*"), rule: .atMostOnce),
      ToolDelivery(tool: NamePattern("*_read"), rule: .whenSafe),
      ToolDelivery(tool: NamePattern("pay_read"), rule: .atLeastOnce),
    ]
    #expect(policy.delivery(of: "pay_read") == .atMostOnce)
    #expect(policy.delivery(of: "log_read") == .whenSafe)
    #expect(policy.delivery(of: "log") == .atLeastOnce)
    #expect(policy.delivery(of: nil) == .atLeastOnce)
  }
}

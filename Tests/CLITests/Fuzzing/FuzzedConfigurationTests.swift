import TestInputs
import Testing

@Suite struct `A file that the fuzzer found or begins with` {
  @Test func `is there`() { #expect(FuzzedBytes.all(of: "Configuration").count >= 5) }

  @Test(arguments: FuzzedBytes.all(of: "Configuration"))
  func `is loaded by the rules`(input: FuzzedBytes) {
    #expect(ConfigurationJudge(input.bytes).complaint() == nil)
  }
}

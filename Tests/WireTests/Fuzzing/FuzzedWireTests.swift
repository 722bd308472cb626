import TestInputs
import Testing

@Suite struct `What the fuzzer found or begins with` {
  @Test func `is there`() {
    #expect(FuzzedBytes.all(of: "Envelope").count >= 10)
    #expect(FuzzedBytes.all(of: "EventStream").count >= 5)
  }

  @Test(arguments: FuzzedBytes.all(of: "Envelope"))
  func `is read as a message or refused by the rules`(input: FuzzedBytes) {
    #expect(EnvelopeJudge(input.bytes).complaint() == nil)
  }

  @Test(arguments: FuzzedBytes.all(of: "EventStream"))
  func `is read as an event stream by the rules`(input: FuzzedBytes) {
    #expect(EventStreamJudge(input.bytes).complaint() == nil)
  }
}

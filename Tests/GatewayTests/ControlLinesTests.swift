import FleetModel
import Gateway
import Testing
import Wire

/// Progress over the control interface.
@Suite struct ControlLinesTests {
  private static let reports = [
    CallProgress(progress: 1, total: 4, message: "a\u{1B}[2J\nb"), CallProgress(progress: 2.5),
  ]

  private func read(_ bytes: [UInt8], inPiecesOf size: Int) throws -> [ControlLines.Line] {
    var lines = ControlLines()
    return try stride(from: 0, to: bytes.count, by: size).flatMap {
      try lines.take(Array(bytes[$0..<min($0 + size, bytes.count)]))
    }
  }

  @Test(arguments: [1, 7, 1000])
  func `what is written a line each is read again, however it is cut`(size: Int) throws {
    let outcome = Array(#"{"kind":"success","result":{}}"#.utf8) + [10]
    let bytes = Self.reports.flatMap(ControlLines.line) + outcome
    #expect(bytes.count { $0 == 10 } == 3)
    #expect(!bytes.contains(0x1B))
    #expect(
      try read(bytes, inPiecesOf: size)
        == Self.reports.map { .progress($0) } + [.outcome(outcome)])
  }

  @Test func `a call that takes progress ends with its outcome on one line`() async throws {
    let spread = JSONText(unchecked: Array("{\n\"content\":\r\n[]}".utf8))
    let console = Console(FakeFleet(reply: .success(spread), reports: Self.reports))
    let collector = Collector()
    var request = ControlRequest.call("t", arguments: .emptyObject, on: ServerID("search"))
    request.takesProgress = true
    let answer = await console.interface.answer(request) { collector.take($0) }
    #expect(answer.contentType == ControlLines.contentType)
    #expect(collector.taken == Self.reports)
    #expect(answer.body.count { $0 == 10 } == 1)
    #expect(answer.body.last == 10)
    #expect(try answer.callEnd().end == .success)
  }

  @Test func `a call that takes none reports none`() async {
    let console = Console(FakeFleet(reports: Self.reports))
    let collector = Collector()
    let request = ControlRequest.call("t", arguments: .emptyObject, on: ServerID("search"))
    let answer = await console.interface.answer(request) { collector.take($0) }
    #expect(answer.contentType == "application/json")
    #expect(collector.taken.isEmpty)
  }

  @Test func `a mistake is answered as ever`() async {
    var request = ControlRequest.call("t", arguments: .emptyObject, on: ServerID("nobody"))
    request.takesProgress = true
    let answer = await Console().interface.answer(request)
    #expect(answer.status == 404)
    #expect(answer.contentType == "application/json")
  }

  @Test func `a line without an end is refused at its limit`() {
    var lines = ControlLines()
    let piece = [UInt8](repeating: 0x20, count: ControlLines.lineLimit / 2)
    #expect(throws: Never.self) { try lines.take(piece) }
    #expect(throws: Never.self) { try lines.take(piece) }
    #expect(throws: ControlClientError.unexpectedAnswer(status: 200)) { try lines.take([0x20]) }
  }
}

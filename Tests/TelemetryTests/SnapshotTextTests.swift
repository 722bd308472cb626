import FleetModel
import Telemetry
import Testing

@Suite struct SnapshotTextTests {
  @Test func `the text tells the whole fleet in a few lines`() {
    let text = SnapshotText.render(SnapshotExamples.fleet, columns: 120)
    print(text, BreakerTable.text(SnapshotExamples.fleet, columns: 80), DeadLetterTable.text([SnapshotExamples.letter], now: SnapshotExamples.now, columns: 120))
    print(SnapshotText.render(SnapshotExamples.hostile, columns: 70))
    print(SnapshotText.render(SnapshotExamples.empty, columns: 70))
    print(SnapshotJSON.render(SnapshotExamples.fleet).text)
    print(DeadLetterJSON.render([SnapshotExamples.letter]).text)
    print(BreakerTable.json(SnapshotExamples.fleet).text)
    print(SnapshotPrometheus.render(SnapshotExamples.fleet))
  }
}

import FleetModel
import Telemetry
import Testing

@Suite struct `The statistics of dead letters` {
  private static var statistics: DeadLetterStatistics {
    var statistics = DeadLetterStatistics()
    statistics.total = 3
    statistics.byState = [.init(name: "pending", count: 3), .init(name: "done", count: 9)]
    statistics.byServer = [
      .init(name: "search", count: 2), .init(name: "pay\u{1B}ments", count: 1),
    ]
    statistics.oldest = SnapshotExamples.now + .seconds(-7200)
    statistics.newest = SnapshotExamples.now + .seconds(-12)
    statistics.bytes = 4096
    statistics.durability = DeadLetterDurability(.lossy, "it may be l\u{1B}ost")
    return statistics
  }

  @Test func `have a row for each name of each dimension, without raw controls`() {
    let text = DeadLetterStatisticsTable.text(
      Self.statistics, now: SnapshotExamples.now, columns: 80)
    #expect(
      text == """
        3 open dead letters, oldest 2h, newest 12s, 4096 bytes
        store lossy: it may be l\u{FFFD}ost
        BY      NAME       LETTERS
        state   pending          3
                done             9
        server  search           2
                pay\u{FFFD}ments        1

        """)
  }

  @Test func `are an object with an array for each dimension`() {
    let text = DeadLetterStatisticsTable.json(Self.statistics).text
    #expect(
      text
        == #"{"total":3,"oldest":"2026-11-21T01:04:05.678Z","newest":"2026-11-21T03:03:53.678Z","#
        + #""bytes":4096,"durability":{"grade":"lossy","text":"it may be l\u001bost"},"#
        + #""byState":[{"name":"pending","count":3},{"name":"done","count":9}],"#
        + #""byOperation":[],"byServer":[{"name":"search","count":2},"#
        + #"{"name":"pay\u001bments","count":1}],"byClient":[],"byKind":[],"byDelivery":[]}"#)
  }
}

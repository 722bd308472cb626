import FleetModel
import Telemetry
import Testing

/// At the left margin, because it is wide.
private let wholeFleet = """
  mcpdash 0.1.0  2026-11-21T03:04:05.678Z  3 servers, 2 connected

  SERVER    TRANSPORT  ERA      CONN  HEALTH       BREAKER                OK  CALLS  RETRY/S   \
  AMP    P95   POOL  DLQ
  search    http       modern   up    healthy      closed              90.0%    100      0.5  \
  1.4x  250ms   2/10    2
  payments  stdio      unknown  loop  unhealthy    open 12s                -      0      0.0    \
   -      -  0/4+1    0
  billing   http       unknown  up    disagreeing  forced open 14m32s      -      0      0.0    \
   -      -    0/0    0

  payments: crash loop, ended 5 times in a row, next start in 12s: exited with 1: no such module
  billing: another server answers at http://fra-2/mcp: expected 'billing' with tools 0123456789ab,\
   found no name with too…
  billing: breaker forced open 14m32s by anna: maintenance
  billing: disagreement: 3 of 3 checks went well, 9 of 10 calls failed
  billing: on endpoint fra-2, 2 of 3
  billing: 2 calls held a connection too long

  source http://localhost:50000: connection refused

  totals: 100 calls, 90.0% ok, 0.5 retries/s, 2 dead letters, oldest 12m
  dead letters: the store does not work: the disk is full; 3 letters in memory
  dead letters: they may be lost: in memory only
  dead letters: 1 NOT kept, the store did not work
  dead letters: 4 dropped, the store is full
  replay 2: 3 of 20, 2 delivered, waits for the breaker of payments
  backoff: 6 waits, 33s in all, ≤100ms 3, ≤500ms 2, >1.0s 1

  03:04:00 warning payments: breaker opened: 5 failures in a row (503)
  03:04:05 info replay: 1 delivered

  """

private let twoLetters = """
  ID                                    AGE  SERVER  CALL        CAUSE  TRIES  RAN      STATE
  01990000-0000-7001-8000-000000000002   2h  search  web_search  503        1  perhaps  pending
  01990000-0000-7001-8000-000000000002   2h  search  tools/call  503        1  yes      pending

  """

@Suite struct SnapshotTextTests {
  @Test func `the text tells the whole fleet in a few lines`() {
    #expect(SnapshotText.render(SnapshotExamples.fleet, columns: 120) == wholeFleet)
  }

  @Test func `columns that do not fit go from the right, and the name stays`() {
    let header = ServerTable.text(SnapshotExamples.fleet, columns: 47).split(separator: "\n")[0]
    #expect(header == "SERVER    TRANSPORT  ERA      CONN  HEALTH")
    let narrow = ServerTable.text(SnapshotExamples.fleet, columns: 5).split(separator: "\n")
    #expect(narrow.prefix(4) == ["SERV…", "sear…", "paym…", "bill…"])
  }

  @Test(arguments: SnapshotExamples.Kind.allCases)
  func `no line is wider than asked for, and none holds a hidden scalar`(
    kind: SnapshotExamples.Kind
  ) {
    let snapshot = kind.snapshot
    for columns in 1...160 {
      let texts = [
        SnapshotText.render(snapshot, columns: columns),
        ServerTable.text(snapshot, columns: columns),
        BreakerTable.text(snapshot, columns: columns),
        DeadLetterTable.text(
          [SnapshotExamples.letter], now: SnapshotExamples.now, columns: columns),
      ]
      for line in texts.flatMap({ $0.split(separator: "\n") }) {
        #expect(PlainText.width(String(line)) <= columns, "\(columns): \(line)")
        #expect(!line.unicodeScalars.contains(where: isHidden), "\(columns): \(line)")
      }
    }
  }

  @Test func `a text of many lines stays one line in each table`() {
    let lines = BreakerTable.text(SnapshotExamples.hostile, columns: 200).split(separator: "\n")
    #expect(lines.count == 4)
  }

  @Test func `wide characters keep the columns in line`() {
    let lines = ServerTable.text(SnapshotExamples.hostile, columns: 160).split(separator: "\n")
    let starts = [("TRANSPORT", 0), ("http", 1), ("stdio", 2)].map { word, index in
      lines[index].unicodeScalars.firstRange(of: word.unicodeScalars).map {
        PlainText.width(String(lines[index].unicodeScalars[..<$0.lowerBound]))
      }
    }
    #expect(starts == [38, 38, 38])
  }

  @Test func `breakers show their reason, cut to the line`() {
    #expect(
      BreakerTable.text(SnapshotExamples.fleet, columns: 60) == """
        SERVER    STATE               IN A ROW  FAILED  REASON
        search    closed                     0   25.0%  -
        payments  open 12s                   5    100%  5 failures …
        billing   forced open 14m32s         0       -  by anna: ma…

        """)
  }

  @Test(arguments: [
    (BreakerSnapshot.State.closed, Int64(0), "closed"), (.open, 11_000, "open 11s"),
    (.open, 11_001, "open 12s"), (.open, -5, "open 0s"), (.open, 95_000, "open 1m35s"),
    (.halfOpen, 0, "half-open"), (.forcedOpen, 0, "forced open"), (.disabled, 0, "disabled"),
  ])
  func `an open breaker counts down`(
    state: BreakerSnapshot.State, milliseconds: Int64, expected: String
  ) {
    var snapshot = SnapshotExamples.fleet
    snapshot.servers = [SnapshotExamples.payments]
    snapshot.servers[0].breaker.state = state
    snapshot.servers[0].breaker.until = snapshot.at + .milliseconds(milliseconds)
    #expect(BreakerTable.text(snapshot, columns: 80).contains(" \(expected) "))
  }

  @Test(arguments: [
    (BreakerOverride.Kind.open, "forced open 14m32s"), (.closed, "held closed 14m32s"),
    (.disabled, "disabled 14m32s"),
  ])
  func `an override counts down and names who and why`(
    kind: BreakerOverride.Kind, expected: String
  ) {
    var snapshot = SnapshotExamples.fleet
    snapshot.servers = [SnapshotExamples.billing]
    snapshot.servers[0].breaker.override?.kind = kind
    #expect(
      BreakerTable.text(snapshot, columns: 90)
        .contains("billing  \(expected) "))
    #expect(BreakerTable.text(snapshot, columns: 90).contains("  by anna: maintenance\n"))
    snapshot.servers[0].breaker.override?.until = nil
    snapshot.servers[0].breaker.override?.reason = ""
    let text = ServerTable.text(snapshot, columns: 160)
    #expect(text.contains(" by anna, until it is reset\n"))
  }

  @Test(arguments: [
    (Int64(3_599_001), "1h0m"), (3_600_000, "1h0m"), (14_399_000, "3h59m"), (59_000, "59s"),
    (Int64.max, "2562047788015h12m"),
  ])
  func `a countdown of hours leaves the seconds out`(milliseconds: Int64, expected: String) {
    var snapshot = SnapshotExamples.empty
    snapshot.at = Timestamp(millisecondsSinceEpoch: 0)
    snapshot.servers = [SnapshotExamples.payments]
    snapshot.servers[0].breaker.until = Timestamp(millisecondsSinceEpoch: milliseconds)
    #expect(BreakerTable.text(snapshot, columns: 120).contains(" open \(expected) "))
  }

  @Test(arguments: [
    (0.9999, "99.9%"), (1, "100%"), (0.07, "7.0%"), (0, "0.0%"), (Double.nan, "-"),
  ])
  func `a hundred percent means that nothing failed`(ratio: Double, expected: String) {
    var snapshot = SnapshotExamples.fleet
    snapshot.totals.successRate = ratio
    #expect(SnapshotText.render(snapshot, columns: 120).contains(" calls, \(expected) ok,"))
  }

  @Test func `a dead letter says what a replay risks`() {
    var ran = SnapshotExamples.letter
    ran.delivery = .executed
    ran.target = nil
    #expect(
      DeadLetterTable.text(
        [SnapshotExamples.letter, ran], now: SnapshotExamples.now, columns: 100) == twoLetters)
  }

  @Test(arguments: [
    ("abc", 3), ("支払い", 6), ("\u{1F4B3}", 2), ("한글", 4), ("e\u{301}", 1), ("ﾊﾝ", 2), ("é…≤", 3),
  ])
  func `wide characters take two columns and marks none`(text: String, columns: Int) {
    #expect(PlainText.width(text) == columns)
    #expect(PlainText.clean(text) == text)
    #expect(PlainText.fit(text, columns) == text)
    #expect(PlainText.width(PlainText.fit(text + "x", columns)) <= columns)
  }

  @Test func `marks pile up no higher than two`() {
    #expect(PlainText.clean("e\u{301}\u{302}\u{303}\u{304}") == "e\u{301}\u{302}")
  }

  @Test func `endless text ends at the limit`() {
    let text = String(repeating: "\u{301}", count: PlainText.scalarLimit + 10) + "end"
    #expect(!PlainText.clean(text).contains("end"))
  }

  /// Written apart from the module's own rule.
  private func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
      || (0x200B...0x200F).contains(scalar.value) || (0x2028...0x202E).contains(scalar.value)
      || (0x2060...0x206F).contains(scalar.value) || scalar.value == 0xFEFF
      || (0xE000...0xF8FF).contains(scalar.value)
  }
}

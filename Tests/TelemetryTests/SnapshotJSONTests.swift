import FleetModel
import Telemetry
import Testing

@Suite struct SnapshotJSONTests {
  @Test func `the document has these keys in this order`() {
    var snapshot = SnapshotExamples.fleet
    snapshot.servers = [SnapshotExamples.search]
    snapshot.notices.removeLast()
    let expected = [
      #"{"schema":"mcpdash.snapshot/1","at":"2026-11-21T03:04:05.678Z","#,
      #""engine":{"name":"mcpdash","version":"0.1.0","startedAt":"2026-11-21T02:04:05.678Z"},"#,
      #""servers":[{"name":"search","transport":"http","era":"modern","#,
      #""protocolVersion":"2025-11-25","connected":true,"#,
      #""health":{"status":"healthy","responseSeconds":0.012,"consecutiveFailures":0,"#,
      #""lastSuccess":"2026-11-21T03:04:05.678Z","lastError":null},"tools":4,"#,
      #""calls":{"total":100,"success":90,"toolError":5,"protocolError":3,"transportFailure":2},"#,
      #""successRate":0.9,"retries":{"total":7,"perSecond":0.5},"#,
      #""latencySeconds":{"p50":0.02,"p95":0.25,"p99":1.5},"#,
      #""breaker":{"state":"closed","reason":null,"until":null,"consecutiveFailures":0,"#,
      #""failureRate":0.25},"pool":{"open":3,"idle":1,"active":2,"max":10,"waiting":0},"#,
      #""cache":{"hits":30,"misses":10,"size":6,"evictions":1},"deadLetters":2}],"#,
      #""totals":{"calls":100,"successRate":0.9,"retriesPerSecond":0.5},"#,
      #""backoff":{"count":6,"sum":33.25,"buckets":[{"le":0.1,"count":3},{"le":0.5,"count":5},"#,
      #"{"le":1,"count":5},{"le":"+Inf","count":6}]},"#,
      #""deadLetters":{"size":2,"oldest":"2026-11-21T02:52:05.678Z"},"#,
      #""notices":[{"number":41,"at":"2026-11-21T03:04:00.678Z","severity":"warning","#,
      #""server":"payments","text":"breaker opened: 5 failures in a row (503)"}]}"#,
    ].joined()
    #expect(SnapshotJSON.render(snapshot).text == expected)
  }

  @Test func `what is not known is null and never missing`() {
    var snapshot = SnapshotExamples.empty
    snapshot.servers = [ServerSnapshot(id: ServerID("new"), transport: .sse)]
    let text = SnapshotJSON.render(snapshot).text
    for key in [
      "protocolVersion", "responseSeconds", "lastSuccess", "lastError", "tools", "successRate",
      "p50", "p95", "p99", "reason", "until", "failureRate", "oldest",
    ] {
      #expect(text.contains("\"\(key)\":null"), "\(key)")
    }
  }

  @Test func `no raw control or direction scalar is left in a document`() {
    let documents = [
      SnapshotJSON.render(SnapshotExamples.hostile), ServerTable.json(SnapshotExamples.hostile),
      BreakerTable.json(SnapshotExamples.hostile),
      ReceiptJSON.render(CommandReceipt(text: SnapshotExamples.hostileText)),
    ]
    for document in documents {
      #expect(
        !document.text.unicodeScalars.contains {
          $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0 == "\u{202E}"
            || $0 == "\u{200B}" || $0 == "\u{2028}"
        })
    }
    #expect(documents[0].text.contains(#"\u009b31m"#))
    #expect(documents[0].text.contains(#"d\u202ee\u200bf\u2028g\u007f"#))
    #expect(documents[0].text.contains("支払い\u{1F4B3}決済サービス"))
  }

  @Test func `a hidden scalar outside of the basic plane becomes two escapes`() {
    let receipt = CommandReceipt(text: "a\u{E0041}b")
    #expect(
      ReceiptJSON.render(receipt).text == #"{"text":"a\udb40\udc41b","replay":null}"#)
  }

  @Test func `breakers alone`() {
    var snapshot = SnapshotExamples.empty
    snapshot.servers = [SnapshotExamples.payments]
    #expect(
      BreakerTable.json(snapshot).text
        == #"{"breakers":[{"name":"payments","state":"open","#
        + #""reason":"5 failures in a row (503)","until":"2026-11-21T03:04:16.878Z","#
        + #""consecutiveFailures":5,"failureRate":1}]}"#)
  }

  @Test func `servers alone are the snapshot's servers`() {
    let alone = ServerTable.json(SnapshotExamples.fleet).text.dropFirst().dropLast()
    #expect(SnapshotJSON.render(SnapshotExamples.fleet).text.contains(alone))
  }

  @Test(arguments: [
    (
      Reply.success(JSONText(unchecked: Array(#"{"n":1.50}"#.utf8))),
      #""kind":"success","result":{"n":1.50},"error":null,"failure":null"#
    ),
    (
      .toolError(JSONText(unchecked: Array(#"{"isError":true}"#.utf8))),
      #""kind":"toolError","result":{"isError":true},"error":null,"failure":null"#
    ),
    (
      .protocolError(RPCError(code: -32602, message: "no", data: .emptyObject)),
      #""kind":"protocolError","result":null,"#
        + #""error":{"code":-32602,"message":"no","data":{}},"failure":null"#
    ),
    (
      .protocolError(RPCError(code: -32601, message: "no")),
      #""error":{"code":-32601,"message":"no","data":null}"#
    ),
    (
      .failure(
        Failure(.httpStatus(503), "busy", delivery: .refused, retryAfter: .milliseconds(2500))),
      #""kind":"failure","result":null,"error":null,"failure":{"kind":"503","message":"busy","#
        + #""delivery":"refused","retryAfterSeconds":2.5}"#
    ),
    (
      .failure(Failure(.tryTimeout, "slow", delivery: .unknown)),
      #""delivery":"unknown","retryAfterSeconds":null}"#
    ),
  ])
  func `each end of a call has its own member`(reply: Reply, expected: String) {
    let outcome = Outcome(
      call: SnapshotExamples.letter.id, reply: reply, attempts: [SnapshotExamples.attempt],
      latency: .milliseconds(1600), source: .server, isDeadLettered: true)
    let text = OutcomeJSON.render(outcome).text
    #expect(text.contains(expected))
    #expect(text.hasPrefix(#"{"id":"01990000-0000-7001-8000-000000000002","kind":"#))
    #expect(
      text.hasSuffix(
        #","attempts":[{"startedAt":"2026-11-21T01:05:45.678Z","durationSeconds":1.5,"#
          + #""result":"503","backoffSeconds":0.1}],"latencySeconds":1.6,"cached":false,"#
          + #""deadLettered":true}"#))
  }

  @Test func `a dead letter has all that is kept of it`() {
    #expect(
      DeadLetterJSON.render([SnapshotExamples.letter]).text
        == #"{"entries":[{"id":"01990000-0000-7001-8000-000000000002","server":"search","#
        + #""client":"agent","method":"tools/call","target":"web_search","#
        + #""params":{"name":"web_search","arguments":{"q":1.50}},"errorKind":"503","#
        + #""errorMessage":"HTTP status 503","delivery":"unknown","idempotent":false,"#
        + #""unsafeToReplay":true,"attempts":[{"startedAt":"2026-11-21T01:05:45.678Z","#
        + #""durationSeconds":1.5,"result":"503","backoffSeconds":0.1}],"#
        + #""createdAt":"2026-11-21T01:04:05.678Z","lastAttemptAt":"2026-11-21T01:05:45.678Z","#
        + #""expiresAt":"2026-11-22T03:04:05.678Z","state":"pending","replayCount":1}]}"#)
  }
}

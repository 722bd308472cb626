import FleetModel
import Telemetry
import Testing

@Suite struct SnapshotJSONTests {
  @Test func `the document has these keys in this order`() {
    var snapshot = SnapshotExamples.fleet
    snapshot.servers = [SnapshotExamples.search]
    snapshot.servers[0].operations.removeLast(2)
    snapshot.notices.removeLast()
    let expected = [
      #"{"schema":"mcpdash.snapshot/1","at":"2026-11-21T03:04:05.678Z","#,
      #""engine":{"name":"mcpdash","version":"0.1.0","startedAt":"2026-11-21T02:04:05.678Z"},"#,
      #""servers":[{"name":"search","transport":"http","era":"modern","#,
      #""protocolVersion":"2025-11-25","connected":true,"#,
      #""health":{"status":"healthy","responseSeconds":0.012,"consecutiveFailures":0,"#,
      #""lastSuccess":"2026-11-21T03:04:05.678Z","lastAttempt":"2026-11-21T03:04:05.678Z","#,
      #""lastError":null,"disagreement":null,"lastProbe":{"at":"2026-11-21T03:04:03.678Z","#,
      #""success":true,"durationSeconds":0.031,"result":"ok"}},"tools":4,"#,
      #""calls":{"total":100,"success":90,"toolError":5,"protocolError":3,"transportFailure":2},"#,
      #""successRate":0.9,"retries":{"total":7,"perSecond":0.5,"amplification":1.4,"#,
      #""budgetUsed":1,"budgetLimit":3},"latencySeconds":{"p50":0.02,"p95":0.25,"p99":1.5},"#,
      #""breaker":{"state":"closed","reason":null,"until":null,"consecutiveFailures":0,"#,
      #""failureRate":0.25,"slowCallRate":0.125,"probesInFlight":1,"probeSuccesses":1,"#,
      #""rejections":17,"lastSuccess":"2026-11-21T03:04:05.678Z","#,
      #""lastFailure":"2026-11-21T03:03:35.678Z","override":null,"#,
      #""transitionCount":2,"transitions":[{"from":"closed","to":"open","#,
      #""at":"2026-11-21T03:02:35.678Z","reason":"5 failures"},{"from":"halfOpen","#,
      #""to":"closed","at":"2026-11-21T03:03:35.678Z","reason":"2 of 2"}]},"#,
      #""pool":{"open":3,"idle":1,"active":2,"max":10,"waiting":0,"connecting":1,"#,
      #""waitCount":8,"waitSeconds":2.5,"refusals":2,"closed":{"idle":1,"lifetime":2,"health":3,"#,
      #""error":4,"reset":5},"leaks":0},"cache":{"hits":30,"misses":10,"size":6,"evictions":1,"#,
      #""expired":4,"stale":5,"entries":[{"key":"tools/list","#,
      #""cachedAt":"2026-11-21T03:03:05.678Z","expiresAt":"2026-11-21T03:08:05.678Z","#,
      #""accessCount":29}]},"deadLetters":2,"load":{"running":2,"limit":20,"waiting":3,"#,
      #""refused":4,"delayed":5,"hedges":6,"hedgeWins":2,"coalesced":7},"#,
      #""operations":[{"name":"tools/call web_search","calls":50,"attempts":70,"retries":20,"#,
      #""successes":45,"successesAfterRetry":9,"amplification":1.4,"#,
      #""giveUps":[{"reason":"attempts exhausted","count":2},"#,
      #"{"reason":"total timeout","count":1}],"sleeps":{"count":6,"sum":33.25,"#,
      #""buckets":[{"le":0.1,"count":3},{"le":0.5,"count":5},{"le":1,"count":5},"#,
      #"{"le":"+Inf","count":6}]},"waitingSeconds":34.5,"retryAfterHonoured":1}],"#,
      #""endpoint":null,"crashLoop":null,"source":"~/.mcp.json","#,
      #""address":"http://search:8080/mcp","serverName":"Search","serverVersion":"1.2.3","#,
      #""connectFailure":null,"impostor":null}],"#,
      #""totals":{"calls":100,"successRate":0.9,"retriesPerSecond":0.5},"#,
      #""backoff":{"count":6,"sum":33.25,"buckets":[{"le":0.1,"count":3},{"le":0.5,"count":5},"#,
      #"{"le":1,"count":5},{"le":"+Inf","count":6}]},"#,
      #""deadLetters":{"size":2,"oldest":"2026-11-21T02:52:05.678Z","store":"/var/letters.db","#,
      #""trouble":"the disk is full","durability":{"grade":"lossy","text":"in memory only"},"#,
      #""spilled":3,"dropped":4,"counts":{"kept":7,"refused":1,"#,
      #""delivered":2,"failed":3,"discarded":4,"deleted":5,"expired":6},"#,
      #""replays":[{"number":2,"owner":"anna","startedAt":"2026-11-21T03:03:05.678Z","#,
      #""endedAt":null,"total":20,"delivered":2,"failed":1,"unsafe":0,"taken":0,"unsendable":0,"#,
      #""planned":0,"left":0,"waitsFor":"payments","stopping":false,"trouble":null}]},"#,
      #""notices":[{"number":41,"at":"2026-11-21T03:04:00.678Z","severity":"warning","#,
      #""server":"payments","text":"breaker opened: 5 failures in a row (503)"}],"#,
      #""sources":[{"name":"~/.mcp.json","kind":"file","servers":3,"well":true,"#,
      #""text":"read 1 min ago"},{"name":"http://localhost:50000","kind":"toolhive","#,
      #""servers":0,"well":false,"text":"connection refused"}]}"#,
    ].joined()
    #expect(SnapshotJSON.render(snapshot).text == expected)
  }

  @Test func `what is not known is null and never missing`() {
    var snapshot = SnapshotExamples.empty
    snapshot.servers = [ServerSnapshot(id: ServerID("new"), transport: .sse)]
    let text = SnapshotJSON.render(snapshot).text
    for key in [
      "protocolVersion", "responseSeconds", "lastSuccess", "lastError", "tools", "successRate",
      "p50", "p95", "p99", "reason", "until", "failureRate", "oldest", "lastAttempt",
      "disagreement", "lastProbe", "lastFailure", "amplification", "slowCallRate", "override",
      "endpoint",
      "crashLoop", "serverName", "serverVersion", "connectFailure", "impostor",
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
      ReceiptJSON.render(receipt).text == #"{"text":"a\udb40\udc41b","replay":null,"letters":null}"#
    )
  }

  @Test func `breakers alone`() {
    var snapshot = SnapshotExamples.empty
    snapshot.servers = [SnapshotExamples.payments]
    #expect(
      BreakerTable.json(snapshot).text
        == #"{"breakers":[{"name":"payments","state":"open","#
        + #""reason":"5 failures in a row (503)","until":"2026-11-21T03:04:16.878Z","#
        + #""consecutiveFailures":5,"failureRate":1,"slowCallRate":null,"probesInFlight":0,"#
        + #""probeSuccesses":0,"rejections":0,"lastSuccess":null,"lastFailure":null,"#
        + #""override":null,"transitionCount":0,"transitions":[]}]}"#)
  }

  @Test func `an override, an endpoint and a crash loop are objects where there are any`() {
    let text = SnapshotJSON.render(SnapshotExamples.fleet).text
    #expect(
      text.contains(
        #""override":{"kind":"open","owner":"anna","reason":"maintenance","#
          + #""since":"2026-11-21T03:03:37.678Z","until":"2026-11-21T03:18:37.678Z"}"#))
    #expect(text.contains(#""endpoint":{"name":"fra-2","position":2,"count":3}"#))
    #expect(
      text.contains(
        #""impostor":{"address":"http://fra-2/mcp","expected":{"name":"billing","#
          + #""toolsDigest":"0123456789abcdef"},"found":{"name":"","toolsDigest":"fedcba"}}"#))
    #expect(
      text.contains(
        #""crashLoop":{"count":5,"lastWords":"exited with 1: no such module","#
          + #""nextTry":"2026-11-21T03:04:17.678Z"}"#))
  }

  @Test(arguments: [
    (Outcome.Source.server, false), (.cache, true), (.staleCache, true), (.fallback, false),
  ])
  func `an outcome says whether it came from the cache, and from where it came`(
    source: Outcome.Source, isCached: Bool
  ) {
    let outcome = Outcome(
      call: SnapshotExamples.letter.id.call, reply: .success(.emptyObject), source: source)
    #expect(
      OutcomeJSON.render(outcome).text.contains(
        #","cached":\#(isCached),"source":"\#(source.rawValue)","deadLettered":false,"#
          + #""deadLetter":null}"#
      ))
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
      call: SnapshotExamples.letter.id.call, reply: reply, attempts: [SnapshotExamples.attempt],
      latency: .milliseconds(1600), source: .server, deadLetter: .memory)
    let text = OutcomeJSON.render(outcome).text
    #expect(text.contains(expected))
    #expect(text.hasPrefix(#"{"id":"01990000-0000-7001-8000-000000000002","kind":"#))
    #expect(
      text.hasSuffix(
        #","attempts":[{"startedAt":"2026-11-21T01:05:45.678Z","durationSeconds":1.5,"#
          + #""result":"503","backoffSeconds":0.1}],"latencySeconds":1.6,"cached":false,"#
          + #""source":"server","deadLettered":true,"deadLetter":"memory"}"#))
  }

  @Test func `a dead letter has all that is kept of it`() {
    #expect(
      DeadLetterJSON.render(DeadLetterPage(letters: [SnapshotExamples.letter])).text
        == #"{"entries":[{"id":"01990000-0000-7001-8000-000000000002","server":"search","#
        + #""client":"agent","method":"tools/call","target":"web_search","endpoint":"","#
        + #""params":{"name":"web_search","arguments":{"q":1.50}},"originalParams":null,"#
        + #""redacted":[],"needsToken":false,"errorKind":"503","#
        + #""errorMessage":"HTTP status 503","delivery":"unknown","idempotent":false,"#
        + #""unsafeToReplay":true,"attempts":[{"startedAt":"2026-11-21T01:05:45.678Z","#
        + #""durationSeconds":1.5,"result":"503","backoffSeconds":0.1}],"#
        + #""createdAt":"2026-11-21T01:04:05.678Z","lastAttemptAt":"2026-11-21T01:05:45.678Z","#
        + #""expiresAt":"2026-11-22T03:04:05.678Z","state":"pending","#
        + #""lease":null,"replayCount":1,"fault":null}],"next":null}"#)
  }

  @Test func `a page of letters says who has them and where the next ones are`() {
    var letter = SnapshotExamples.letter
    letter.lease = DeadLetter.Lease(owner: "anna", until: SnapshotExamples.now)
    letter.redacted = ["arguments.password"]
    letter.original = .emptyObject
    letter.fault = "no JSON"
    let page = DeadLetterPage(letters: [letter], next: DeadLetterCursor(after: letter))
    let text = DeadLetterJSON.render(page).text
    #expect(text.contains(#""lease":{"owner":"anna","until":"2026-11-21T03:04:05.678Z"}"#))
    #expect(text.contains(#""originalParams":{},"redacted":["arguments.password"],"#))
    let next = DeadLetterCursor(after: letter).text
    #expect(text.hasSuffix(#""fault":"no JSON"}],"next":"\#(next)"}"#))
    #expect(DeadLetterJSON.render(DeadLetterPage()).text == #"{"entries":[],"next":null}"#)
  }

  @Test func `a receipt has every count of a replay`() {
    let count = ReplayCount(
      delivered: 1, failed: 2, unsafe: 3, taken: 4, unsendable: 5, planned: 6, left: 7)
    #expect(
      ReceiptJSON.render(CommandReceipt(text: "ok", replay: count, letters: 8)).text
        == #"{"text":"ok","replay":{"delivered":1,"failed":2,"unsafe":3,"taken":4,"#
        + #""unsendable":5,"planned":6,"left":7},"letters":8}"#)
  }

  @Test func `replays alone`() {
    #expect(ReplayJSON.render([]).text == #"{"replays":[]}"#)
    let text = ReplayJSON.render(SnapshotExamples.fleet.deadLetters.replays).text
    #expect(text.hasPrefix(#"{"replays":[{"number":2,"owner":"anna","#))
  }
}

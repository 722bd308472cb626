import FleetModel
import Testing

@testable import Engine

@Suite struct `A replay` {
  private static let bank = ReplayBench.bank
  private static let other = ServerID("other")

  @Test func `delivers every letter once, oldest first`() async {
    var bench = await ReplayBench(ReplayBench.letters(20))
    await bench.feed(.begin)
    await bench.finish()
    #expect(bench.run.count == ReplayCount(delivered: 20))
    #expect(bench.begins.map(\.id) == ReplayBench.letters(20).map(\.id))
    #expect(await bench.all().allSatisfy { $0.state == .done })
  }

  @Test func `meets each letter once, even if all fail again (pitfall 36)`() async {
    var bench = await ReplayBench(ReplayBench.letters(30))
    await bench.feed(.begin)
    await bench.finish(.unavailable)
    #expect(bench.run.count == ReplayCount(failed: 30))
    #expect(bench.begins.map(\.id) == ReplayBench.letters(30).map(\.id))
    #expect(await bench.all().allSatisfy { $0.replayCount == 1 && $0.attempts.count == 1 })
  }

  @Test func `does not meet what arrives while it runs (pitfall 36)`() async {
    var bench = await ReplayBench(ReplayBench.letters(20))
    let late = ReplayBench.letters(3).map { letter in
      var letter = letter
      letter.id = DeadLetterID("late-\(letter.id)")
      letter.createdAt = ReplayBench.epoch
      return letter
    }
    bench.onPage = { store, page in
      if page > 1 { for letter in late { _ = await store.add(letter) } }
    }
    await bench.feed(.begin)
    for letter in late { _ = await bench.store.add(letter) }
    await bench.finish()
    #expect(bench.run.count == ReplayCount(delivered: 20))
  }

  @Test func `holds its letters as long as the longest call, and a minute`() async {
    var bench = await ReplayBench(ReplayBench.letters(1))
    await bench.feed(.begin)
    #expect(bench.leases == [ReplayBench.epoch + .seconds(360)])
  }

  @Test func `has eight letters on their way at most`() async {
    var bench = await ReplayBench(ReplayBench.letters(30))
    await bench.feed(.begin)
    #expect(bench.onWire.count == ReplayRun.batchLimit)
    for _ in 0..<30 {
      await bench.answer()
      #expect(bench.onWire.count <= ReplayRun.batchLimit)
    }
    #expect(bench.isFinished)
  }

  @Test func `counts the letters that another replay has, and does not send them`() async {
    var bench = await ReplayBench(ReplayBench.letters(3))
    let ids = ReplayBench.letters(3).map(\.id)
    _ = await bench.store.claim(
      [ids[0]], by: "other", isForced: true, until: ReplayBench.epoch + .seconds(60))
    await bench.feed(.begin)
    await bench.finish()
    #expect(bench.run.count == ReplayCount(delivered: 2, taken: 1))
  }

  @Test func `sends what may have executed only by force`() async {
    let letters = [
      ReplayBench.letter(1, delivery: .unknown), ReplayBench.letter(2, delivery: .executed),
      ReplayBench.letter(3),
    ]
    var careful = await ReplayBench(letters)
    await careful.feed(.begin)
    await careful.finish()
    #expect(careful.run.count == ReplayCount(delivered: 1, unsafe: 2))
    #expect(careful.run.report.contains("2 left out: they may have executed (force sends them)"))
    var forced = await ReplayBench(letters, order: ReplayOrder(.all, isForced: true, pace: nil))
    await forced.feed(.begin)
    await forced.finish()
    #expect(forced.run.count == ReplayCount(delivered: 3))
  }

  @Test func `does not send what has become unsafe since it was chosen, whatever the store says`()
    async
  {
    // As when another program of the same Redis has put its own entry in the place of ours.
    func change(_ claim: inout DeadLetterClaim) { claim.letters[1].delivery = .unknown }
    var careful = await ReplayBench(ReplayBench.letters(3))
    careful.onClaim = change
    await careful.feed(.begin)
    await careful.finish()
    #expect(careful.run.count == ReplayCount(delivered: 2, unsafe: 1))
    #expect(careful.begins.map(\.id) == [0, 2].map { ReplayBench.letter($0).id })
    #expect(await careful.all().map(\.state) == [.done, .pending, .done])
    let order = ReplayOrder(.all, isForced: true, pace: nil)
    var forced = await ReplayBench(ReplayBench.letters(3), order: order)
    forced.onClaim = change
    await forced.feed(.begin)
    await forced.finish()
    #expect(forced.run.count == ReplayCount(delivered: 3))
  }

  @Test func `does not change the arguments of what it will not send`() async {
    let letter = ReplayBench.letter(1, delivery: .unknown)
    let arguments = JSONText(unchecked: Array(#"{"n":2}"#.utf8))
    var bench = await ReplayBench(
      [letter], order: ReplayOrder(.ids([letter.id]), pace: nil, arguments: arguments))
    await bench.feed(.begin)
    #expect(bench.isFinished && bench.run.count == ReplayCount(unsafe: 1))
    #expect(await bench.all() == [letter])
  }

  @Test func `begins no more letters a second than its pace`() async {
    var bench = await ReplayBench(ReplayBench.letters(25), order: ReplayOrder(.all, pace: 5))
    await bench.feed(.begin)
    await bench.finish()
    #expect(bench.run.count.delivered == 25)
    let gaps = zip(bench.begins, bench.begins.dropFirst()).map { $1.at - $0.at }
    #expect(gaps.allSatisfy { $0 >= .milliseconds(200) })
    #expect(bench.now - .origin <= .seconds(6))
  }

  @Test func `claims a letter only when its turn has come, however slow the pace`() async {
    var bench = await ReplayBench(ReplayBench.letters(5), order: ReplayOrder(.all, pace: 0.1))
    await bench.feed(.begin)
    #expect(await bench.all().count { $0.state == .replaying } == 1)
    await bench.advance(.seconds(5))
    #expect(await bench.all().count { $0.state == .replaying } == 1)
  }

  @Test func `is stopped, and waits for what is on the wire alone`() async {
    var bench = await ReplayBench(ReplayBench.letters(30))
    await bench.feed(.begin)
    await bench.feed(.stop)
    #expect(!bench.isFinished && bench.run.snapshot.isStopping)
    await bench.finish()
    #expect(bench.run.count == ReplayCount(delivered: 8, left: 22))
    #expect(bench.begins.count == 8)
    #expect(await bench.all().count { $0.state == .pending } == 22)
  }

  @Test func `whose engine stops leaves the letters alone that it has not come to`() async {
    let stopped = Failure(.shuttingDown, "the engine is shutting down", delivery: .unknown)
    var bench = await ReplayBench(ReplayBench.letters(30))
    await bench.feed(.begin)
    await bench.finish(.failure(stopped))
    let letters = await bench.all()
    #expect(letters.allSatisfy { $0.state == .pending && $0.errorKind == "429" })
    #expect(letters.count { $0.delivery == .unknown } == ReplayRun.batchLimit)
  }

  // MARK: - Breakers

  @Test func `does not go through the letters of a server whose breaker is open`() async {
    let letters = (0..<20).map {
      ReplayBench.letter($0, server: $0 % 2 == 0 ? Self.bank : Self.other)
    }
    var bench = await ReplayBench(letters)
    bench.stage.standings[Self.other] = .blocked
    await bench.feed(.begin)
    await bench.finish()
    #expect(bench.run.count == ReplayCount(delivered: 10, left: 10))
    #expect(bench.begins.allSatisfy { $0.call.server == Self.bank })
    #expect(bench.run.report == "10 delivered, 10 left: the breaker is open")
  }

  @Test func `counts as failed only what it tried before the breaker opened`() async {
    var bench = await ReplayBench(ReplayBench.letters(30))
    await bench.feed(.begin)
    bench.stage.standings[Self.bank] = .blocked
    await bench.finish(.unavailable)
    #expect(bench.run.count == ReplayCount(failed: 8, left: 22))
  }

  @Test func `waits for a breaker behind the letters of other servers`() async {
    let letters = (0..<20).map {
      ReplayBench.letter($0, server: $0 < 10 ? Self.bank : Self.other)
    }
    let order = ReplayOrder(.all, pace: nil, waitsForBreaker: true)
    var bench = await ReplayBench(letters, order: order)
    bench.stage.standings = [Self.bank: .blocked, Self.other: .passing]
    await bench.feed(.begin)
    await bench.finish(steps: 100)
    #expect(bench.run.count == ReplayCount(delivered: 10))
    #expect(bench.run.waitsFor == Self.bank && !bench.isFinished)
    bench.stage.standings[Self.bank] = .passing
    await bench.finish()
    #expect(bench.run.count == ReplayCount(delivered: 20))
    #expect(bench.run.waitsFor == nil)
  }

  @Test func `that waits ends when it is stopped`() async {
    let order = ReplayOrder(.all, pace: nil, waitsForBreaker: true)
    var bench = await ReplayBench(ReplayBench.letters(3), order: order)
    bench.stage.standings = [Self.bank: .blocked]
    await bench.feed(.begin)
    await bench.feed(.stop)
    #expect(bench.isFinished)
    #expect(bench.run.count == ReplayCount(left: 3))
  }

  @Test func `tries a half-open server with one letter, and again when that is turned away`()
    async
  {
    let order = ReplayOrder(.all, pace: nil, waitsForBreaker: true)
    var bench = await ReplayBench(ReplayBench.letters(5), order: order)
    bench.stage.standings = [Self.bank: .probing]
    await bench.feed(.begin)
    #expect(bench.onWire.count == 1)
    await bench.answer(0, .turnedAway)
    #expect(bench.onWire.isEmpty, "others have the probes")
    await bench.advance(ReplayRun.pollInterval)
    #expect(bench.onWire.count == 1)
    await bench.answer()
    bench.stage.standings = [Self.bank: .passing]
    await bench.finish()
    #expect(bench.run.count == ReplayCount(delivered: 5))
  }

  // MARK: - What cannot be sent

  @Test func `leaves out what cannot be sent, and says why`() async {
    var letters = ReplayBench.letters(5)
    letters[0].fault = "no JSON"
    letters[1].method = "connect"
    letters[2].server = ServerID("gone")
    letters[3].needsToken = true
    letters[4] = ReplayBench.letter(
      4, params: #"{"name":"pay","arguments":{"password":"[redacted]"}}"#)
    letters[4].redacted = ["arguments.password"]
    var bench = await ReplayBench(letters)
    await bench.feed(.begin)
    #expect(bench.isFinished && bench.begins.isEmpty)
    #expect(bench.run.count == ReplayCount(unsendable: 5))
    for words in ["read", "no MCP request", "not in the fleet", "token is needed", "a secret"] {
      #expect(bench.run.report.contains(words), "\(words)")
    }
  }

  @Test func `sends a letter of another program to the server that has its address`() async {
    var letter = ReplayBench.letter(1, server: ServerID("bridge.example"))
    letter.endpoint = "http://bridge.example/api"
    var bench = await ReplayBench([letter])
    bench.stage.addresses = [letter.endpoint: Self.bank]
    await bench.feed(.begin)
    #expect(bench.onWire.first?.call.server == Self.bank)
  }

  @Test func `puts secrets into the call alone`() async throws {
    let letter = ReplayBench.letter(
      1, params: #"{"name":"pay","arguments":{"password":"[redacted]"}}"#)
    var bench = await ReplayBench(
      [letter], secrets: [SecretField("password", value: Secret("hunter2"))])
    await bench.feed(.begin)
    let call = try #require(bench.onWire.first?.call)
    #expect(call.params.text == #"{"name":"pay","arguments":{"password":"hunter2"}}"#)
    await bench.answer(
      0, .failure(Failure(.httpStatus(500), "'hunter2' is wrong", delivery: .refused)))
    let kept = try #require(await bench.all().first)
    #expect(kept.params == letter.params)
    #expect(kept.errorMessage == "'…' is wrong")
  }

  @Test func `sends a token with the letters that had one, and with no other`() async {
    var letters = ReplayBench.letters(2)
    letters[1].needsToken = true
    let order = ReplayOrder(.all, pace: nil, token: Secret("token-1."))
    var bench = await ReplayBench(letters, order: order)
    await bench.feed(.begin)
    #expect(bench.onWire.map(\.call.token) == [nil, Secret("token-1.")])
    await bench.answer(
      1, .failure(Failure(.httpStatus(401), "no token-1.", delivery: .refused)))
    #expect(await bench.all().contains { $0.errorMessage == "no …" })
  }

  @Test func `keeps the original of edited arguments, and their secrets nowhere`() async throws {
    let letter = ReplayBench.letter(1, params: #"{"name":"pay","arguments":{"n":1}}"#)
    let arguments = JSONText(unchecked: Array(#"{"n":2,"password":"hunter2"}"#.utf8))
    let order = ReplayOrder(.ids([letter.id]), pace: nil, arguments: arguments)
    var bench = await ReplayBench([letter], order: order)
    await bench.feed(.begin)
    #expect(
      bench.onWire.first?.call.params.text
        == #"{"name":"pay","arguments":{"n":2,"password":"hunter2"}}"#)
    await bench.answer(0, .unavailable)
    let kept = try #require(await bench.all().first)
    #expect(kept.original == letter.params)
    #expect(kept.params.text == #"{"name":"pay","arguments":{"n":2,"password":"[redacted]"}}"#)
  }

  @Test func `says in a dry run what would go and what not, and sends nothing`() async {
    var letters = (0..<6).map {
      ReplayBench.letter($0, server: $0 < 4 ? Self.bank : Self.other)
    }
    letters[0].delivery = .unknown
    letters[1].needsToken = true
    var bench = await ReplayBench(letters, order: ReplayOrder(.all, isDryRun: true))
    bench.stage.standings = [Self.bank: .passing, Self.other: .blocked]
    await bench.feed(.begin)
    #expect(bench.isFinished && bench.begins.isEmpty && bench.leases.isEmpty)
    #expect(bench.run.count == ReplayCount(unsafe: 1, unsendable: 1, planned: 2, left: 2))
    #expect(bench.run.report.hasPrefix("dry run: 2 would be sent (bank 2), 1 left out:"))
    #expect(await bench.all().allSatisfy { $0.state == .pending })
  }

  @Test func `sends a letter again however often its count says it was`() async throws {
    var letter = ReplayBench.letter(1)
    letter.replayCount = .max
    var bench = await ReplayBench([letter])
    await bench.feed(.begin)
    await bench.answer(0, .unavailable)
    #expect(try #require(await bench.all().first).replayCount == .max)
  }

  // MARK: - Store trouble

  @Test func `ends when the store fails, and leaves the rest`() async {
    var bench = await ReplayBench(ReplayBench.letters(20))
    await bench.feed(.begin)
    bench.storeFails = true
    await bench.finish()
    #expect(bench.run.trouble == "the disk is full")
    #expect(bench.run.count == ReplayCount(delivered: 8, left: 12))
  }

  @Test func `gives its results again to a store that comes back`() async {
    var bench = await ReplayBench(ReplayBench.letters(3))
    await bench.feed(.begin)
    bench.storeFails = true
    for _ in 0..<3 { await bench.answer() }
    bench.storeFails = false
    await bench.finish()
    #expect(bench.run.trouble == nil)
    #expect(await bench.all().allSatisfy { $0.state == .done })
  }
}

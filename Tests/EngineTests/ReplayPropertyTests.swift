import FleetModel
import Testing

@testable import Engine

@Suite struct `Any replay` {
  private static let servers = ["one", "two", "three"].map { ServerID($0) }

  private static func letters(_ random: inout SplitMix64) -> [DeadLetter] {
    (0..<Int.random(in: 0...60, using: &random)).map { number in
      var letter = ReplayBench.letter(
        number, server: servers[Int.random(in: 0..<3, using: &random)],
        delivery: Delivery.allCases[Int.random(in: 0..<4, using: &random)])
      letter.isIdempotent = Bool.random(using: &random)
      if Int.random(in: 0..<10, using: &random) == 0 { letter.needsToken = true }
      if Int.random(in: 0..<20, using: &random) == 0 { letter.fault = "no JSON" }
      return letter
    }
  }

  private static func standing(_ random: inout SplitMix64) -> ServerStanding? {
    [.passing, .passing, .probing, .blocked, nil][Int.random(in: 0..<5, using: &random)]
  }

  private static func reply(_ random: inout SplitMix64) -> Reply {
    [.ok, .ok, .unavailable, .lost, .turnedAway][Int.random(in: 0..<5, using: &random)]
  }

  @Test(arguments: UInt64(1)...150)
  func `sends each letter once, the safe ones, at its pace, and ends`(seed: UInt64) async {
    var random = SplitMix64(seed: seed)
    let letters = Self.letters(&random)
    let isPaced = Bool.random(using: &random)
    let pace = isPaced ? Double.random(in: 0.5...50, using: &random) : nil
    let order = ReplayOrder(
      .all, isForced: Bool.random(using: &random), pace: pace,
      waitsForBreaker: Bool.random(using: &random))
    var bench = await ReplayBench(letters, order: order)
    for server in Self.servers { bench.stage.standings[server] = .passing }
    await bench.feed(.begin)
    let late = ReplayBench.letter(90_000, server: Self.servers[0])
    _ = await bench.store.add(late)
    var answered: [DeadLetterID: Int] = [:]
    var begunAtStop: Int?
    for _ in 0..<400 where !bench.isFinished {
      switch Int.random(in: 0..<10, using: &random) {
      case 0:
        let server = Self.servers[Int.random(in: 0..<3, using: &random)]
        bench.stage.standings[server] = Self.standing(&random)
      case 1: bench.storeFails = Int.random(in: 0..<8, using: &random) == 0
      case 2 where Int.random(in: 0..<20, using: &random) == 0:
        await bench.feed(.stop)
        begunAtStop = bench.begins.count
      case 3...7 where !bench.onWire.isEmpty:
        let index = Int.random(in: 0..<bench.onWire.count, using: &random)
        let reply = Self.reply(&random)
        if reply != .turnedAway { answered[bench.onWire[index].id, default: 0] += 1 }
        await bench.answer(index, reply)
      default: await bench.wait()
      }
      #expect(bench.onWire.count <= ReplayRun.batchLimit)
    }
    if let begunAtStop { #expect(bench.begins.count == begunAtStop, "a stop stops") }
    for server in Self.servers { bench.stage.standings[server] = .passing }
    bench.storeFails = false
    await bench.finish()
    #expect(bench.isFinished)
    #expect(answered.values.allSatisfy { $0 == 1 })
    #expect(!bench.begins.contains { $0.id == late.id })
    Self.judge(bench, letters, order)
    let isHeld = await bench.all().contains { $0.state == .replaying }
    #expect(!isHeld || bench.run.trouble != nil, "no letter is left with a lease")
  }

  private static func judge(
    _ bench: ReplayBench, _ letters: [DeadLetter], _ order: ReplayOrder
  ) {
    let unsafe = Set(letters.filter(\.isUnsafeToReplay).map(\.id))
    if !order.isForced { #expect(!bench.begins.contains { unsafe.contains($0.id) }) }
    if let pace = order.pace {
      let least = Duration(fractionalSeconds: 1 / pace)
      let gaps = zip(bench.begins, bench.begins.dropFirst()).map { $1.at - $0.at }
      #expect(gaps.allSatisfy { $0 >= least })
    }
    #expect(bench.run.total == letters.count)
    #expect(bench.run.count.settled + bench.run.count.left == letters.count)
    let needing = Set(letters.filter { $0.needsToken || $0.fault != nil }.map(\.id))
    #expect(!bench.begins.contains { needing.contains($0.id) })
  }
}

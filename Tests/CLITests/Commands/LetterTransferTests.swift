import Engine
import FleetModel
import Testing
import Wire

@testable import CLI

/// `mcpdash dlq export` and `import`.
struct LetterTransferTests {
  private typealias Letters = DeadLetterCommandTests

  private static func everything(in store: MemoryDeadLetterStore) async -> [DeadLetter] {
    let states = Set(DeadLetter.State.allCases)
    return await store.page(
      .matching(DeadLetterFilter(states: states)), after: nil, limit: 10_000
    ).letters
  }

  private static func letters(using random: inout SplitMix64) -> [DeadLetter] {
    let texts = ["", "a", "\u{1B}[2J\n", "ü 🜚", "\u{202E}x", #""\"#]
    return (1...UInt64.random(in: 1...9, using: &random)).map { number in
      func text() -> String { texts[Int.random(in: 0..<texts.count, using: &random)] }
      func flag() -> Bool { Bool.random(using: &random) }
      var letter = Letters.letter(number, server: "s" + text())
      if flag() { letter.id = DeadLetterID("foreign \(number)" + text()) }
      (letter.client, letter.endpoint) = (text(), text())
      letter.target = flag() ? text() : nil
      (letter.errorKind, letter.errorMessage) = (text(), text())
      letter.delivery = Delivery.allCases[Int.random(in: 0..<4, using: &random)]
      letter.isIdempotent = flag()
      letter.needsToken = flag()
      letter.redacted = flag() ? ["arguments.a" + text(), "arguments.b"] : []
      letter.original = flag() ? JSONText(unchecked: Array(#"{"name":"t"}"#.utf8)) : nil
      letter.attempts = flag() ? [] : letter.attempts + letter.attempts
      letter.replayCount = Int.random(in: 0...5, using: &random)
      letter.state =
        [DeadLetter.State.pending, .done, .discarded][
          Int.random(in: 0..<3, using: &random)]
      return letter
    }
  }

  @Test(arguments: 0..<60 as Range<UInt64>)
  func `what one store exports another one takes in as it was`(seed: UInt64) async {
    var random = SplitMix64(seed: seed)
    let letters = Self.letters(using: &random)
    let (source, first) = await Letters.bench(letters)
    let exported = await source.run("dlq", "export", "--state", "any")
    #expect(exported.status == .success)
    var (target, second) = await Letters.bench([])
    target.input = exported.output
    let taken = await target.run("dlq", "import", "-")
    #expect(taken.status == .success, "\(taken.complaints)")
    #expect(taken.output == "\(letters.count) new, 0 known already\n")
    let there = await Self.everything(in: second)
    #expect(there == (await Self.everything(in: first)))
    // Twice is once.
    let again = await target.run("dlq", "import", "-", "--json")
    #expect(
      again.output
        == "{\"new\":0,\"known\":\(letters.count),\"expired\":0,\"dropped\":0,\"bad\":0}\n")
    #expect(await Self.everything(in: second) == there)
  }

  @Test func `more letters than one page and one batch go over`() async {
    let count = LetterTransfer.pageLimit * 2 + 5
    let (source, _) = await Letters.bench((1...UInt64(count)).map { Letters.letter($0) })
    let exported = await source.run("dlq", "export")
    #expect(exported.output.split(separator: "\n").count == count)
    var (target, store) = await Letters.bench([])
    target.files["/x.jsonl"] = exported.output
    #expect(await target.run("dlq", "import", "/x.jsonl").status == .success)
    #expect(await store.count(.all) == count)
    let some = await source.run("dlq", "export", "--limit", "\(LetterTransfer.pageLimit + 1)")
    #expect(some.output.split(separator: "\n").count == LetterTransfer.pageLimit + 1)
  }

  @Test func `bad lines are told with their numbers and passed over`() async {
    let good = Letters.letter(1)
    let line = LetterCodec.encode(good).text
    var (bench, store) = await Letters.bench([])
    bench.input = "\(line)\n\n7\n{\"id\": \"\u{1B}x\"\n{}\n\(line)"
    let result = await bench.run("dlq", "import", "-")
    #expect(result.status == .badData)
    #expect(result.output == "1 new, 1 known already, 3 bad lines passed over\n")
    #expect(
      result.complaints.map { $0.prefix(34) } == [
        "mcpdash: line 3 is passed over: it", "mcpdash: line 4 is passed over: no",
        "mcpdash: line 5 is passed over: it",
      ])
    #expect(await store.count(.all) == 1)
  }

  @Test func `blank lines are counted and nothing else, and a line that is too long is bad`() async
  {
    let line = LetterCodec.encode(Letters.letter(1)).text
    let long = String(repeating: "x", count: LetterTransfer.lineLimit + 1)
    var (bench, store) = await Letters.bench([])
    bench.input = "\n \t\r\n\(long)\n\(line)\r\n"
    let result = await bench.run("dlq", "import", "-")
    #expect(result.output == "1 new, 0 known already, 1 bad line passed over\n")
    #expect(
      result.complaints == [
        "mcpdash: line 3 is passed over: it is longer than \(LetterTransfer.lineLimit) bytes"
      ])
    #expect(await store.count(.all) == 1)
  }

  @Test func `a byte order mark before a line is no part of it`() async {
    var (bench, store) = await Letters.bench([])
    bench.input = (1...3).map { "\u{FEFF}" + LetterCodec.encode(Letters.letter($0)).text }
      .joined(separator: "\r\n")
    let result = await bench.run("dlq", "import", "-")
    #expect(result.output == "3 new, 0 known already\n", "\(result.complaints)")
    #expect(await store.count(.all) == 3)
  }

  @Test(arguments: [2, 254, 255, 256])
  func `letters go over and are shown however deep their params are`(depth: Int) async throws {
    let (open, close) = (
      String(repeating: "[", count: depth - 1), String(repeating: "]", count: depth - 1)
    )
    var letter = Letters.letter(1)
    letter.params = JSONText(unchecked: Array(#"{"arguments":\#(open)\#(close)}"#.utf8))
    let (source, _) = await Letters.bench([letter, Letters.letter(2)])
    #expect(await source.run("dlq", "show", letter.id.text).output.contains(open + close))
    let exported = await source.run("dlq", "export")
    #expect(exported.status == .success, "\(exported.complaints)")
    var (target, second) = await Letters.bench([])
    target.input = exported.output
    #expect(await target.run("dlq", "import", "-").status == .success)
    #expect(await Self.everything(in: second) == [letter, Letters.letter(2)])
  }

  @Test func `letters of many megabytes in all are exported page by page`() async throws {
    let letters = (1...6 as ClosedRange<UInt64>).map { number in
      var letter = Letters.letter(number)
      let text = String(repeating: "x", count: 1 << 20)
      letter.params = JSONText(unchecked: Array(#"{"arguments":{"x":"\#(text)"}}"#.utf8))
      return letter
    }
    let (source, _) = await Letters.bench(letters)
    let exported = await source.run("dlq", "export")
    #expect(exported.status == .success, "\(exported.complaints)")
    #expect(exported.output.split(separator: "\n").count == letters.count)
    let some = await source.run("dlq", "export", "--limit", "5")
    #expect(some.output.split(separator: "\n").count == 5)
    // One question is answered with some of them, and says where the others follow.
    let list = try JSONView(
      Array(await source.run("dlq", "list", "--json").output.utf8),
      limits: JSONLimits(byteLimit: 1 << 30, depthLimit: 99))
    let entries = list.member("entries")?.elements.count { _ in true } ?? 0
    #expect((1..<letters.count).contains(entries) && list.member("next")?.string != nil)
    let shown = await source.run(["dlq", "show"] + letters.map(\.id.text))
    #expect(shown.output.split(separator: "\n").count { $0.hasPrefix("id  ") } == letters.count)
  }

  @Test func `of very many bad lines the first are told and the others counted`() async {
    var (bench, _) = await Letters.bench([])
    bench.input = String(repeating: "x\n", count: 30)
    let result = await bench.run("dlq", "import", "-")
    #expect(result.complaints.count == 21)
    #expect(result.complaints.last == "mcpdash: and 10 more lines like it")
  }

  @Test func `entries that cannot be read are left out of an export and told`() async {
    var broken = Letters.letter(2)
    broken.fault = "it is no JSON"
    let (bench, _) = await Letters.bench([Letters.letter(1), broken])
    let result = await bench.run("dlq", "export")
    #expect(result.status == .failure)
    #expect(result.output.split(separator: "\n").count == 1)
    #expect(
      result.complaints == [
        "mcpdash: 1 entry left out: they cannot be read; 'mcpdash dlq list --kind unreadable'"
          + " shows them"
      ])
  }

  @Test func `a file that is not there ends with 74, and nothing is opened`() async {
    let (bench, _) = await Letters.bench([])
    let result = await bench.run("dlq", "import", "/no")
    #expect(result.status == .inputOutput)
    #expect(result.complaints == ["mcpdash: cannot read '/no': No such file or directory"])
    #expect(bench.doors.opened.isEmpty)
  }
}

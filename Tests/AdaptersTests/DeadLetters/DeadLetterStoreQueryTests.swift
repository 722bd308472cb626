import Engine
import FleetModel
import Testing

/// How every dead-letter store lists and counts; `DeadLetterFilter.matches` is the model.
struct DeadLetterStoreQueryTests {
  private let bench = StoreBench()

  /// A filter of one field, and the letters below it fits.
  struct Example: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var filter: DeadLetterFilter
    var numbers: [UInt64]

    init(_ name: String, _ numbers: [UInt64], _ change: (inout DeadLetterFilter) -> Void) {
      testDescription = name
      var filter = DeadLetterFilter.everything
      change(&filter)
      (self.filter, self.numbers) = (filter, numbers)
    }
  }

  /// Letter 1 is unlike the others in every field; letters 2 and 3 are alike but for their state.
  static let odd = letter(1, server: "Jira", delivery: .unknown).with {
    $0.client = "other"
    $0.method = "resources/read"
    $0.target = "file:///100%_\\x"
    $0.errorKind = "timeout"
    $0.errorMessage = "No answer within 30 s"
    $0.params = JSONText(unchecked: Array(#"{"uri":"file:///Straße*"}"#.utf8))
  }

  static let examples = [
    Example("all", [4, 3, 2, 1]) { _ in },
    Example("open", [3, 2, 1]) { $0 = DeadLetterFilter() },
    Example("pending", [2, 1]) { $0.states = [.pending] },
    Example("replaying", [3]) { $0.states = [.replaying] },
    Example("done", [4]) { $0.states = [.done] },
    Example("discarded", []) { $0.states = [.discarded] },
    Example("replaying and done", [4, 3]) { $0.states = [.replaying, .done] },
    Example("no state", []) { $0.states = [] },
    Example("server", [1]) { $0.server = ServerID("Jira") },
    Example("server in another case", []) { $0.server = ServerID("jira") },
    Example("client", [4, 3, 2]) { $0.client = "agent" },
    Example("operation", [1]) { $0.operation = "resources/read" },
    Example("target", [4, 3, 2]) { $0.target = "create_issue" },
    Example("part of a target", []) { $0.target = "create" },
    Example("kind", [1]) { $0.kind = "timeout" },
    Example("one delivery", [1]) { $0.deliveries = [.unknown] },
    Example("two deliveries", [4, 3, 2, 1]) { $0.deliveries = [.unknown, .notSent] },
    Example("no delivery", []) { $0.deliveries = [] },
    Example("since", [4, 3]) { $0.since = letter(3).createdAt },
    Example("before", [2, 1]) { $0.before = letter(3).createdAt },
    Example("between", [2]) {
      ($0.since, $0.before) = (letter(2).createdAt, letter(3).createdAt)
    },
    Example("the empty text", [4, 3, 2, 1]) { $0.text = "" },
    Example("text in the target", [4, 3, 2]) { $0.text = "CREATE_" },
    Example("text in the message", [1]) { $0.text = "answer WITHIN" },
    Example("text behind a zero in the message", []) { $0.text = "Unavailable\0\0" },
    Example("text with a zero", [4, 3, 2]) { $0.text = "unavailable\0" },
    Example("text in the params", [1]) { $0.text = "\"URI\":" },
    Example("text beyond ASCII", [1]) { $0.text = "Straße" },
    Example("no case beyond ASCII", []) { $0.text = "CRÉER" },
    Example("text in the id", [1]) { $0.text = letter(1).id.text },
    Example("a text that spans two fields", []) { $0.text = "xNo answer" },
    Example("a percent sign", [1]) { $0.text = "%" },
    Example("an underscore", [4, 3, 2, 1]) { $0.text = "_" },
    Example("an asterisk", [1]) { $0.text = "*" },
    Example("a question mark", []) { $0.text = "?" },
    Example("a backslash", [1]) { $0.text = "\\" },
    Example("a quote that would end a statement", []) { $0.text = "' OR 1=1 --" },
    Example("text of a field that is not searched", []) { $0.text = "tools/call" },
  ]

  @Test(arguments: StoreKind.allCases, examples)
  func `each field of a filter is heeded`(kind: StoreKind, example: Example) async throws {
    let store = try await kind.make(bench)
    try await store.add([Self.odd, letter(2), letter(3), letter(4).with { $0.state = .done }])
    _ = try await store.claim([3], until: bench.lease())
    let selection = DeadLetterSelection.matching(example.filter)
    #expect(try await store.numbers(selection) == example.numbers)
    #expect(try await store.count(selection) == example.numbers.count)
    #expect(
      try await store.list().filter(example.filter.matches).map(\.number) == example.numbers)
  }

  @Test(arguments: StoreKind.allCases)
  func `a listing is newest first and limited`(kind: StoreKind) async throws {
    let store = try await kind.make(bench)
    try await store.add([3, 1, 4, 2].map { letter($0) })
    #expect(try await store.numbers() == [4, 3, 2, 1])
    #expect(try await store.numbers(limit: 2) == [4, 3])
    #expect(try await store.page(.all, after: nil, limit: 0) == DeadLetterPage())
    #expect(try await store.page(.all, after: nil, limit: -1) == DeadLetterPage())
  }

  @Test(arguments: StoreKind.allCases)
  func `letters of one millisecond are in the order of their ids' bytes`(kind: StoreKind)
    async throws
  {
    let store = try await kind.make(bench)
    let ids = ["a", "ä", "B", "a1", "10", "9", "ab"]
    try await store.add(ids.map { id in letter(1).with { $0.id = DeadLetterID(id) } })
    #expect(
      try await store.list().map(\.id.text) == ["ä", "ab", "a1", "a", "B", "9", "10"])
  }

  @Test(arguments: StoreKind.allCases)
  func `ids are selected in whatever state, each once`(kind: StoreKind) async throws {
    let store = try await kind.make(bench)
    try await store.add((1...5).map { letter($0) })
    _ = try await store.discard(.ids([letter(2).id]))
    let chosen = DeadLetterSelection.ids([2, 9, 4, 2].map { letter($0).id })
    #expect(try await store.numbers(chosen) == [4, 2])
    #expect(try await store.count(chosen) == 2)
    #expect(try await store.numbers(.ids([])) == [])
    #expect(try await store.count(.ids([])) == 0)
    let page = try await store.page(chosen, after: nil, limit: 1)
    #expect(page.letters.map(\.number) == [4])
    let rest = try await store.page(chosen, after: page.next, limit: 1)
    #expect(rest.letters.map(\.number) == [2])
    #expect(rest.next == nil)
    #expect(try await store.delete(chosen) == 2)
  }

  @Test(arguments: StoreKind.allCases)
  func `the last page has no cursor, even when it is full`(kind: StoreKind) async throws {
    let store = try await kind.make(bench)
    #expect(try await store.page(.all, after: nil, limit: 3) == DeadLetterPage())
    try await store.add((1...6).map { letter($0) })
    let first = try await store.page(.all, after: nil, limit: 3)
    #expect(first.letters.map(\.number) == [6, 5, 4])
    #expect(first.next == DeadLetterCursor(after: letter(4)))
    let second = try await store.page(.all, after: first.next, limit: 3)
    #expect(second.letters.map(\.number) == [3, 2, 1])
    #expect(second.next == nil)
    let beyond = DeadLetterCursor(after: letter(1))
    #expect(try await store.page(.all, after: beyond, limit: 3) == DeadLetterPage())
  }

  @Test(arguments: StoreKind.allCases)
  func `a cursor keeps its place while letters come and go`(kind: StoreKind) async throws {
    let store = try await kind.make(bench)
    try await store.add((1...6).map { letter($0) })
    let first = try await store.page(.all, after: nil, limit: 2)
    try await store.add([letter(9)])
    _ = try await store.delete(.ids([5, 4].map { letter($0).id }))
    let second = try await store.page(.all, after: first.next, limit: 2)
    #expect(second.letters.map(\.number) == [3, 2])
  }

  /// 300 letters, 40 filters; the pages are of random sizes.
  @Test(arguments: StoreKind.allCases, 1...4 as ClosedRange<UInt64>)
  func `any filter gives what the model gives, page by page`(kind: StoreKind, seed: UInt64)
    async throws
  {
    let store = try await kind.make(bench)
    var random = SplitMix64(seed: seed)
    let letters = (0..<300 as Range<UInt64>).map { Letters.random($0, using: &random) }
    try await store.add(letters)
    let claim = try await store.claim(
      letters.filter { _ in random.next() % 6 == 0 }.map(\.id), by: "me", isForced: true,
      until: bench.lease())
    let claimed = Dictionary(uniqueKeysWithValues: claim.letters.map { ($0.id, $0) })
    let model = letters.map { claimed[$0.id] ?? $0 }
      .sorted { ($1.createdAt, $1.id) < ($0.createdAt, $0.id) }
    #expect(try await store.list() == model)
    for _ in 0..<40 {
      let filter = Letters.randomFilter(using: &random)
      let wanted = model.filter(filter.matches)
      let limit = 1 + Int(random.next() % 40)
      let found = try await store.walk(.matching(filter), limit: limit)
      #expect(found == wanted, "\(filter)")
      #expect(try await store.count(.matching(filter)) == wanted.count, "\(filter)")
    }
  }

  @Test(arguments: StoreKind.allCases, 1...4 as ClosedRange<UInt64>)
  func `any filter discards and deletes what the model says`(kind: StoreKind, seed: UInt64)
    async throws
  {
    let store = try await kind.make(bench)
    var random = SplitMix64(seed: seed)
    var model = (0..<200 as Range<UInt64>).map { Letters.random($0, using: &random) }
    try await store.add(model)
    for _ in 0..<20 {
      let filter = Letters.randomFilter(using: &random)
      if random.next() % 2 == 0 {
        let chosen = model.indices.filter {
          model[$0].state == .pending && filter.matches(model[$0])
        }
        for index in chosen { model[index].state = .discarded }
        #expect(try await store.discard(.matching(filter)) == chosen.count, "\(filter)")
      } else {
        let count = model.count
        model.removeAll(where: filter.matches)
        #expect(try await store.delete(.matching(filter)) == count - model.count, "\(filter)")
      }
      let order = model.sorted { ($1.createdAt, $1.id) < ($0.createdAt, $0.id) }
      #expect(try await store.list() == order)
      while model.count < 150 {
        model.append(Letters.random(1000 + random.next() % 1_000_000_000, using: &random))
        try await store.add(Array(model.suffix(1)))
      }
    }
  }
}

extension DeadLetterStore {
  /// Page by page to the end, each page's cursor taken through its text.
  func walk(_ selection: DeadLetterSelection, limit: Int) async throws -> [DeadLetter] {
    var letters: [DeadLetter] = []
    var cursor: DeadLetterCursor?
    repeat {
      let page = try await page(selection, after: cursor, limit: limit)
      #expect(page.letters.count == limit || page.next == nil)
      letters += page.letters
      cursor = page.next.flatMap { DeadLetterCursor($0.text) }
    } while cursor != nil
    return letters
  }
}

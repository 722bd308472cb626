import FleetModel
import TerminalUI
import Testing

@testable import Dashboard

/// Random keys, snapshots and answers in any order.
@Suite struct LetterPropertyTests {
  private static let keys: [Key] =
    "jkgGaAsceSxXDRFywpdnq /:?lh 503kind:r\"".map { .character($0) } + [
      .enter, .escape, .up, .down, .home, .end, .pageUp, .pageDown, .backspace, .tab, .left,
      .right,
    ]

  private static let filters = [
    "kind:503", "server:mcp-github", "state:any", "state:done", "cert:unknown,executed",
    "age:>1m", "query", "tool:search kind:timeout", "foo:",
  ]

  @Test(arguments: 0..<12)
  func `no order of keys and answers shows or touches a letter that it should not`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var person = Operator(100, 30)
    person.isAnswered = false
    person.queue.letters = SampleLetters.many.prefix(700) + SampleLetters.odd
    // What the dialog that stands may mean: what was marked or selected when it came.
    var meant: Set<DeadLetterID> = []
    for step in 0..<700 {
      let (before, effectCount) = (person.browser, person.effects.count)
      let stood = person.state.overlay != nil
      act(&person, step, &random)
      if let browser = person.browser { check(browser, person.snapshot.at) }
      if !stood, let before { meant = Set(before.marks.marks.map(\.id)) }
      if !stood, let id = before?.selected?.id, before?.marks.isEmpty == true { meant = [id] }
      for effect in person.effects[effectCount...] { check(effect, meant) }
      if step % 50 == 0 { #expect(faults(draw(person)) == []) }
    }
  }

  private func act(_ person: inout Operator, _ step: Int, _ random: inout SplitMix64) {
    if person.state.pages.isEmpty {
      person.state.overlay = nil
      person.state.isEditingFilter = false
      person.type("d")
    }
    switch Int.random(in: 0..<24, using: &random) {
    case 0...4:
      guard !person.questions.isEmpty else { return }
      let index = Int.random(in: 0..<person.questions.count, using: &random)
      let isIll = Int.random(in: 0..<5, using: &random) == 0
      person.answer(index, error: isIll ? .store("it does not answer") : nil)
    case 5...6: person.see(SampleFleet.snapshot(seed: UInt64(step)), after: .seconds(step))
    case 7:
      let size = [Size(columns: 40, rows: 10), Size(columns: 100, rows: 30)][step % 2]
      person.send(.resize(size))
    case 8:
      let filter = Self.filters[Int.random(in: 0..<Self.filters.count, using: &random)]
      person.type("/\(filter)\r")
    case 9: person.type("delete\r")
    case 11: person.hear(.commandFinished(.success(CommandReceipt(text: "done"))))
    case 10:
      let count = person.queue.letters.count
      if count > 20 { person.queue.letters.remove(at: Int.random(in: 0..<count, using: &random)) }
      person.queue.letters.append(SampleLetters.letter("new-\(step)", age: -step))
    default:
      person.press(Self.keys[Int.random(in: 0..<Self.keys.count, using: &random)])
    }
  }

  private func check(_ browser: DeadLetterBrowser, _ now: Timestamp) {
    if let filter = browser.window.filter {
      var seen = filter
      seen.text = nil
      #expect(browser.letters.allSatisfy { seen.matches($0) })
      // The age moves on with the clock; everything else is the filter that is on.
      var wanted = browser.query.filter(at: now, on: browser.server)
      (wanted.since, wanted.before) = (filter.since, filter.before)
      #expect(wanted == filter)
    } else {
      #expect(browser.letters.isEmpty)
    }
    let order = browser.letters.map { DeadLetterCursor(after: $0) }
    #expect(zip(order, browser.letters.dropFirst()).allSatisfy { $0.precedes($1) })
    #expect(browser.letters.isEmpty || browser.letters.indices.contains(browser.row))
  }

  private func check(_ effect: Effect, _ meant: Set<DeadLetterID>) {
    guard case .perform(let command) = effect else { return }
    let selection: DeadLetterSelection
    switch command {
    case .replay(let order): selection = order.selection
    case .discard(let letters), .delete(let letters): selection = letters
    default: return
    }
    switch selection {
    case .ids(let ids): #expect(!ids.isEmpty && meant.isSuperset(of: ids), "\(ids)")
    // Everything that matches, but nothing that came later.
    case .matching(let filter): #expect(filter.before != nil)
    }
  }
}

import FleetModel
import TerminalUI
import Testing

@testable import Dashboard

/// The words and the place of the question that is asked before something is done to letters.
@Suite struct LetterQuestionTests {
  private func screen(_ person: Operator) -> String { glyphPlane(draw(person)) }

  private func asker(_ letters: [DeadLetter], _ keys: String) -> String {
    var person = Operator(120, 40)
    person.queue.letters = letters
    person.type(keys)
    return screen(person)
  }

  private static func state(_ state: BreakerSnapshot.State) -> Snapshot {
    var fleet = SampleFleet.standard
    for index in fleet.servers.indices where fleet.servers[index].id == SampleLetters.server {
      fleet.servers[index].breaker.state = state
      fleet.servers[index].breaker.until = nil
    }
    return fleet
  }

  @Test(arguments: ["R", "X", "D"])
  func `one letter is named, so that nobody takes it for another`(key: String) {
    let letters = [SampleLetters.letter("L-7", age: 301) { $0.delivery = .notSent }]
    let shown = asker(letters, "d" + key)
    #expect(shown.contains("1 letter, search to mcp-github"))
    #expect(shown.contains("id L-7, 5m old"))
  }

  @Test(
    arguments: [
      (BreakerSnapshot.State.open, "breaker is open: left here untried"),
      (.forcedOpen, "breaker is forced open: left here untried, until it is reset (r)"),
      (.closed, "breaker is closed: sent now"),
      (.halfOpen, "breaker is half-open: sent as its probes, one at a time"),
    ])
  func `it is told what becomes of one letter, and that is what the engine does`(
    state: BreakerSnapshot.State, words: String
  ) {
    var person = Operator(120, 40)
    person.queue.letters = [SampleLetters.letter("L-7", age: 300) { $0.delivery = .notSent }]
    person.see(Self.state(state))
    person.type("dR")
    #expect(screen(person).contains(words))
  }

  @Test func `a letter that is left out is not told to be sent`() {
    var person = Operator(120, 40)
    person.queue.letters = [SampleLetters.letter("L-7", age: 300) { $0.delivery = .unknown }]
    person.see(Self.state(.closed))
    person.type("dR")
    #expect(screen(person).contains("it may have run: left out, F sends it too"))
    #expect(!screen(person).contains("sent now"))
  }

  @Test func `where not all are known nobody promises that none is sent`() {
    var person = Operator(120, 40)
    person.queue.letters = SampleLetters.many
    person.see(Self.state(.closed))
    person.type("d/cert:unknown\rAR")
    #expect(screen(person).contains("100 of the 100 seen may have run"))
    #expect(screen(person).contains("breaker is closed: sent now"))
  }

  @Test func `force is not offered where the filter leaves nothing to force`() {
    let shown = asker(SampleLetters.many, "d/cert:notSent,refused\rAR")
    #expect(shown.contains("ALL letters that match"))
    #expect(!shown.contains("Force"))
    #expect(!shown.contains("may have run are left out"))
    // Those that are seen are all safe; who knows of the others.
    let safe = SampleLetters.many.prefix(600).map { letter in
      var letter = letter
      letter.isIdempotent = true
      return letter
    }
    for delivery in ["unknown", "executed", "notSent,executed"] {
      #expect(asker(safe, "d/cert:\(delivery)\rAR").contains("Force"), "\(delivery)")
    }
  }

  @Test func `of all that match those are counted that something can be done to`() {
    let shown = asker(SampleLetters.odd, "d/state:any\rAR")
    #expect(shown.contains("Replay ALL letters that match state:any (4)?"))
    #expect(shown.contains("4 marked are not pending or not readable: left alone"))
  }

  @Test func `how many letters are meant is told to the last one`() {
    var person = Operator(120, 40)
    var fleet = SampleFleet.standard
    fleet.servers[0].deadLetterCount = 24_310
    person.see(fleet)
    person.type("ggR")
    #expect(screen(person).contains("Replay 24,310 letters to"))
  }

  @Test(arguments: [(80, 24), (120, 40), (200, 60)])
  func `the question of a replay keeps its width, whatever is chosen in it`(
    columns: Int, rows: Int
  ) {
    var person = Operator(columns, rows)
    person.type("dR")
    let before = Self.edges(screen(person))
    for key in ["p", "w", "d", "p", "p", "p"] {
      person.type(key)
      #expect(Self.edges(screen(person)) == before)
    }
    person.see(Self.state(.closed))
    #expect(Self.edges(screen(person)) == before)
  }

  private static func edges(_ screen: String) -> [Int] {
    for line in screen.split(separator: "\n") {
      guard let start = line.firstRange(of: "─ confirm ") else { continue }
      return [
        line.distance(from: line.startIndex, to: start.lowerBound),
        line[start.upperBound...].prefix { $0 == "─" }.count,
      ]
    }
    return []
  }

  @Test func `what the engine says of a dry run is not said twice`() {
    var person = Operator(120, 40)
    person.type("dRd")
    #expect(screen(person).contains("dry run: 1 would be sent"))
    #expect(!screen(person).contains("dry run: dry run"))
  }
}

import FleetModel
import TerminalUI
import Testing

@testable import Dashboard

@Suite struct ServerPageTests {
  /// Everything on a server's page, read screen by screen on a small terminal.
  private func wholePage(of name: String) -> String {
    var person = Operator(80, 24)
    person.type("/\(name)\r\r")
    var screens = [glyphPlane(draw(person))]
    for _ in 0..<6 {
      person.press(.pageDown)
      screens.append(glyphPlane(draw(person)))
    }
    return screens.joined()
  }

  @Test(
    arguments: [
      "03:03:47 ◐ half › ✗ open  probe failed: timeout", "30 s open time over",
      "5 consecutive failures: 503, 503, timeout, 503", "23 changes, newest first",
      "tools/call create_issue", "31.2k", "attempts exhausted 169, budget exhausted 1",
      "1204, 13ms on average, 15 in vain", "3 idle, 1 found dead, 4 broken",
      "16/20, 9 waiting", "12 refused, 30 delayed", "40 sent, 22 came first", "coalesced 51",
      "2 of 3 retries under way", "31 expired, 7 given stale", "repo://日本/readme", "stale",
      "✗ timeout in 5.00s, 12s ago", "4s ago, well 9s ago", "×1.4", "31 % slow",
    ])
  func `a small screen has it all, page by page`(text: String) {
    #expect(wholePage(of: "github").contains(text))
  }

  @Test(
    arguments: [
      ("pay", "↻ loop"), ("pay", "CRASH LOOP 5× next in 12s"), ("pay", "cannot find"),
      ("vec", "■ FORCED 14:32 anna, since 03:03:37"), ("vec", "reindexing until half past"),
      ("vec", "■ forced open by anna, 14:32 left"), ("bill", "≠ split"),
      ("bill", "3 of 3 checks went well, 41 of 50"), ("bill", "fra-2, 2 of 3 by preference"),
      ("bill", "2 calls held a connection too long"), ("legacy", "held closed by 日本 bob"),
      ("vault", "disabled by carl, 3h59m left"),
    ])
  func `what is wrong with a server is told in words`(name: String, text: String) {
    #expect(wholePage(of: name).contains(text))
  }

  @Test func `the page scrolls to its end and no further, and says how much is below`() {
    var person = Operator(80, 24)
    person.type("\r")
    #expect(glyphPlane(draw(person)).contains(" more"))
    person.type("jj")
    #expect(person.state.serverTop == 2)
    person.type("k")
    #expect(person.state.serverTop == 1)
    person.press(.end)
    let last = person.state.serverTop
    #expect(!glyphPlane(draw(person)).contains(" more"))
    person.type("jjj")
    #expect(person.state.serverTop == last)
    person.type("gg")
    #expect(person.state.serverTop == 0)
  }

  @Test func `the next server's page begins at its top`() {
    var person = Operator(80, 24)
    person.type("\rjjjl")
    #expect(person.state.pages == [.server(ServerID("mcp-postgres"))])
    #expect(person.state.serverTop == 0)
  }

  @Test func `a larger screen takes back what was scrolled`() {
    var person = Operator(80, 24)
    person.type("\r")
    person.press(.end)
    person.send(.resize(Size(columns: 200, rows: 60)))
    #expect(person.state.serverTop == 0)
  }

  @Test func `the words of a server take lines of their own, its figures one`() {
    let facts = FactList(facts: [
      Fact(name: "a", text: "one two three four", isProse: true),
      Fact(name: "b", text: "one two three four"),
      Fact(name: "c", text: String(repeating: "word ", count: 100), isProse: true),
    ])
    #expect(facts.height(columns: 20) == 2 + 1 + 3)
  }

  @Test func `parts with nothing to show leave their place`() {
    let plain = ServerSnapshot(id: ServerID("new"), transport: .http)
    let layout = ServerLayout(
      size: Size(columns: 80, rows: 24), server: plain, now: SampleFleet.now)
    let blocks = layout.places.map(\.block)
    #expect(!blocks.contains(.history) && !blocks.contains(.operations) && !blocks.contains(.cache))
    #expect(blocks.contains(.traffic))
  }

  @Test(arguments: [(80, 24), (40, 10), (110, 34), (120, 40), (180, 50), (200, 60), (79, 100)])
  func `no two parts of the page lie on each other, and together they fill it`(
    columns: Int, rows: Int
  ) {
    for server in SampleFleet.standard.servers {
      let layout = ServerLayout(
        size: Size(columns: columns, rows: rows), server: server, now: SampleFleet.now)
      var covered = Set<Int>()
      for place in layout.places {
        for row in place.rect.row..<place.rect.bottom {
          for column in place.rect.column..<place.rect.right {
            #expect(covered.insert(row * columns + column).inserted)
          }
        }
      }
      #expect(covered.count == layout.height * columns)
    }
  }
}

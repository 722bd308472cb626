import FleetModel
import TerminalUI
import Testing

@testable import Dashboard

@Suite struct UpdateTests {
  @Test(
    arguments: [
      ("", 0), ("j", 1), ("jjk", 1), ("k", 0), ("G", 11), ("Ggg", 0), ("Gg", 11), ("gj", 1),
      ("Ggk", 10), ("jjjjjjjjjjjjj", 11),
    ])
  func `keys move the selection`(keys: String, row: Int) {
    var person = Operator()
    person.type(keys)
    #expect(person.state.selection == ServerID(SampleFleet.names[row]))
  }

  @Test(
    arguments: [
      (Key.down, 1), (.up, 0), (.end, 11), (.home, 0), (.pageDown, 9), (.pageUp, 0),
    ])
  func `keys without a character move it too`(key: Key, row: Int) {
    var person = Operator()
    person.press(key)
    #expect(person.state.selection == ServerID(SampleFleet.names[row]))
  }

  @Test func `the selection stays with its server when the order changes`() {
    var person = Operator()
    person.type("jjj")
    for _ in 0..<10 {
      person.type("s")
      #expect(person.state.selection == ServerID("search-eu"))
    }
  }

  @Test func `a list longer than the screen scrolls with the selection`() {
    var person = Operator(40, 10)
    person.type("G")
    #expect(glyphPlane(draw(person)).contains("vault"))
    #expect(!glyphPlane(draw(person)).contains("mcp-github"))
  }

  @Test func `escape goes back step by step and never quits`() {
    var person = Operator()
    person.type("/e\r2\rd")
    #expect(person.state.pages.count == 2)
    person.type(String(repeating: "\u{1B}", count: 9))
    #expect(person.state.pages == [])
    #expect(person.state.focus == .fleet)
    #expect(person.state.filter == "")
    #expect(person.effects == [])
  }

  @Test func `q goes back from a page and quits from the fleet`() {
    var person = Operator()
    person.type("\rdqq")
    #expect(person.state.pages == [])
    #expect(person.effects == [])
    person.type("q")
    #expect(person.effects == [.quit])
  }

  @Test(
    arguments: [
      ("T", Effect.setTheme("night")), ("TTTTTT", .setTheme("okabe")),
      ("+", .setRefreshRate(.milliseconds(500))), ("-", .setRefreshRate(.seconds(2))),
      ("y", .copy("mcp-github")), ("++++++", .setRefreshRate(.milliseconds(100))),
    ])
  func `keys that ask the program for something`(keys: String, last: Effect) {
    var person = Operator()
    person.type(keys)
    #expect(person.effects.last == last)
  }

  @Test func `control l asks for a whole new painting`() {
    var person = Operator()
    person.press(.control("l"))
    #expect(person.effects == [.redraw])
  }

  @Test func `copying a dead letter takes its id and its payload whole`() {
    var person = Operator()
    person.type("dy")
    let letter = person.snapshot.deadLetters.recent[0]
    #expect(person.effects == [.copy("\(letter.id) \(letter.params.text)")])
  }

  @Test(arguments: ["p", "Z"])
  func `pausing keeps the picture, and going on shows the newest`(key: String) {
    var person = Operator()
    let before = draw(person)
    person.type(key)
    person.see(SampleFleet.snapshot(seed: 99))
    #expect(draw(person).cells.dropFirst(80) == before.cells.dropFirst(80))
    person.type(key)
    #expect(draw(person).cells.dropFirst(80) != before.cells.dropFirst(80))
  }

  @Test func `old data are called old`() {
    let person = Operator()
    #expect(!glyphPlane(draw(person, after: .seconds(3))).contains("no data"))
    #expect(glyphPlane(draw(person, after: .seconds(75))).contains("no data for 75s"))
  }

  @Test func `scrolled events stay where they are while new ones come`() {
    var person = Operator()
    person.type("8kkk")
    let before = glyphPlane(draw(person))
    #expect(before.contains("3 newer"))
    var later = person.snapshot
    for number in 0..<5 {
      later.notices.append(
        Notice(
          number: UInt64(2000 + number), at: later.at, severity: .info, server: nil, text: "new"))
    }
    person.see(later)
    #expect(glyphPlane(draw(person)).contains("8 newer"))
    #expect(!glyphPlane(draw(person)).contains("INF new"))
    person.press(.end)
    #expect(glyphPlane(draw(person)).contains("following"))
    #expect(glyphPlane(draw(person)).contains("INF new"))
    later.notices.append(
      Notice(number: 3000, at: later.at, severity: .error, server: nil, text: "newest"))
    person.see(later)
    #expect(glyphPlane(draw(person)).contains("ERR newest"))
  }

  @Test func `the wheel scrolls the events under it and the fleet elsewhere`() throws {
    var person = Operator()
    try person.click(.panel(.events), .wheelUp)
    #expect(person.state.eventAnchor != nil)
    #expect(person.state.selection == ServerID("mcp-github"))
    try person.click(.panel(.fleet), .wheelDown)
    #expect(person.state.selection == ServerID("mcp-postgres"))
  }

  @Test func `clicks select, open, sort and press the keys of the footer`() throws {
    var person = Operator()
    let slack = ServerID("slack")
    try person.click(.server(slack))
    #expect(person.state.selection == slack)
    try person.click(.column(.retries))
    #expect(person.state.sortColumn == .retries)
    try person.click(.column(.retries))
    #expect(person.state.isReversed)
    try person.click(.server(slack), .doubleClick)
    #expect(person.state.pages == [.server(slack)])
    try person.click(.action(.back))
    #expect(person.state.pages == [])
    try person.click(.action(.help))
    #expect(person.state.overlay == .help(top: 0))
  }

  @Test func `arrows on a server's page lead to the next server`() {
    var person = Operator()
    person.type("\rl")
    #expect(person.state.pages == [.server(ServerID("mcp-postgres"))])
    person.press(.left)
    #expect(person.state.pages == [.server(ServerID("mcp-github"))])
  }

  @Test func `a number shows its panel, and zooms it the second time`() {
    var person = Operator()
    person.type("6")
    #expect(glyphPlane(draw(person)).contains("6 connection pools"))
    #expect(glyphPlane(draw(person)).contains("1 fleet"))
    person.type("6")
    #expect(!glyphPlane(draw(person)).contains("1 fleet"))
    person.type("6")
    #expect(glyphPlane(draw(person)).contains("1 fleet"))
  }

  @Test func `tab changes the right panel of a small screen`() {
    var person = Operator()
    person.type("\t")
    #expect(glyphPlane(draw(person)).contains("3 success %"))
    #expect(!glyphPlane(draw(person)).contains("8 events"))
  }

  @Test func `the answer to a failed command names the way out`() {
    var person = Operator()
    _ = person.state.update(
      .commandFinished(.failure(.unknownServer("githbu", known: ["mcp-github", "slack"]))))
    #expect(glyphPlane(draw(person)).contains("no server githbu; there are mcp-github, slack"))
  }

  @Test func `marks are kept by letter and used in the order of the list`() {
    var person = Operator()
    person.type("djjj kk ")
    person.type("Ry")
    let recent = person.snapshot.deadLetters.recent
    let order = ReplayOrder(.ids([recent[2].id, recent[3].id]), owner: "anna")
    #expect(person.effects == [.perform(.replay(order))])
  }
}

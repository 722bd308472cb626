import FleetModel
import TerminalUI
import Testing

@testable import Dashboard

@Suite struct OverrideTests {
  private static let github = ServerID("mcp-github")

  @Test(
    arguments: [
      ("o", BreakerOverride.Kind.open), ("c", .closed), ("x", .disabled), ("\ro", .open),
      (":trip\r", .open), (":close\r", .closed), (":disable\r", .disabled),
    ])
  func `a key or the palette asks first, and enter overrides the breaker`(
    keys: String, kind: BreakerOverride.Kind
  ) {
    var person = Operator()
    person.type(keys)
    #expect(person.effects == [])
    person.press(.enter)
    #expect(
      person.effects == [.perform(.override(Self.github, BreakerOverride(kind, owner: "anna")))])
    #expect(person.state.overlay == nil)
  }

  @Test func `an override holds for a quarter of an hour when nobody says otherwise`() {
    #expect(
      OverrideRequest.lifetimes[OverrideRequest(server: Self.github, kind: .open).lifetimeIndex]
        .duration == .seconds(900))
  }

  @Test(
    arguments: [
      ([Key.tab], Duration.seconds(3600)), ([.right, .right], .seconds(14_400)),
      ([.tab, .tab, .tab], .zero), ([.left], .seconds(300)), ([.backTab, .backTab], .zero),
      ([.right, .left], .seconds(900)), ([.tab, .tab, .tab, .tab], .seconds(300)),
    ])
  func `arrows and tab go round the times to live`(keys: [Key], lifetime: Duration) {
    var person = Operator()
    person.type("o")
    for key in keys { person.press(key) }
    person.press(.enter)
    #expect(
      person.effects == [
        .perform(
          .override(
            Self.github, BreakerOverride(.open, owner: "anna", timeToLive: lifetime)))
      ])
  }

  @Test func `what is typed is the reason, keys of the page included`() {
    var person = Operator()
    person.type("cqy: disk full?")
    person.press(.backspace)
    #expect(person.state.overlay != nil)
    person.press(.enter)
    #expect(
      person.effects == [
        .perform(
          .override(
            Self.github, BreakerOverride(.closed, reason: "qy: disk full", owner: "anna")))
      ])
  }

  @Test func `escape leaves and does nothing`() {
    var person = Operator()
    person.type("oreason\u{1B}")
    #expect(person.effects == [])
    #expect(person.state.overlay == nil)
  }

  @Test func `a paste goes into the reason, cleaned, and never answers`() {
    var person = Operator()
    person.type("o")
    person.send(.paste("a\u{1B}[2Jb\r\ny\u{202E}"))
    #expect(person.effects == [])
    person.press(.enter)
    #expect(
      person.effects == [
        .perform(
          .override(Self.github, BreakerOverride(.open, reason: "a[2Jby", owner: "anna")))
      ])
  }

  @Test func `a reason has an end`() throws {
    var person = Operator()
    person.type("o")
    person.send(.paste(String(repeating: "x", count: 500)))
    person.type("yyy")
    guard case .override(let request) = person.state.overlay else {
      Issue.record("the dialog is gone")
      return
    }
    #expect(request.reason.count == 200)
    // The end stays in sight, where the cursor is.
    #expect(glyphPlane(draw(person)).contains("xxx"))
  }

  @Test func `an owner's name is cleaned and has an end`() {
    let name = "an\u{1B}[31mna\n" + String(repeating: "x", count: 500)
    let state = ViewState(size: Size(columns: 80, rows: 24), owner: name)
    #expect(state.owner.hasPrefix("an[31mnaxxx"))
    #expect(state.owner.count == 200 - 2)
    #expect(ViewState(size: Size(columns: 80, rows: 24), owner: "\u{7}").owner == "mcpdash")
  }

  @Test func `a click chooses a time to live, does it, or leaves`() throws {
    var person = Operator()
    person.type("o")
    try person.click(.lifetime(3))
    #expect(person.state.overlay != nil)
    try person.click(.answer(.yes))
    #expect(
      person.effects == [
        .perform(
          .override(
            Self.github, BreakerOverride(.open, owner: "anna", timeToLive: .seconds(14_400))))
      ])
    person.type("o")
    try person.click(.answer(.no))
    #expect(person.state.overlay == nil)
    #expect(person.effects.count == 1)
  }

  @Test func `the dialog tells what is known now`() {
    var person = Operator()
    person.type("/vec\rx")
    let screen = glyphPlane(draw(person))
    #expect(screen.contains("Disable the breaker of vector-db?"))
    #expect(screen.contains("now: forced open by anna, 14:32 left"))
    #expect(screen.contains("because: anna: reindexing until half past"))
    #expect(screen.contains("nothing is counted"))
  }

  @Test(
    arguments: [
      (Int64(7), "FORCED 0:07 anna"), (872, "FORCED 14:32 anna"), (3600, "FORCED 1h00m anna"),
      (14_399, "FORCED 3h59m anna"), (500_000, "FORCED 5d anna"), (-5, "FORCED 0:00 anna"),
    ])
  func `an override counts down to the second beside its owner`(seconds: Int64, words: String) {
    var person = Operator(120, 40)
    var fleet = SampleFleet.standard
    fleet.servers[7].breaker.override?.until = SampleFleet.now + .seconds(seconds)
    person.see(fleet)
    #expect(glyphPlane(draw(person)).contains("■ \(words) "))
  }

  @Test func `a breaker held closed or switched off never looks like one under its rules`() {
    let screen = glyphPlane(draw(Operator(200, 60)))
    #expect(screen.contains("□ HELD 日本 bob"))
    #expect(screen.contains("- OFF 3h59m carl"))
    #expect(!glyphPlane(draw(Operator(200, 60))).contains("all closed"))
  }
}

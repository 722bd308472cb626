import Testing

@testable import CLI

struct StandardPlacesTests {
  private let places = StandardPlaces(environment: ["HOME": "/home/op"])
  private let usual = ["./mcpdash.json5", "./.mcp.json", "/home/op/.config/mcpdash/mcpdash.json5"]

  @Test func `files that are named are taken, whether they exist or not`() {
    #expect(
      places.configuration(named: ["a", "b"], exists: { _ in true }) == .files(["a", "b"]))
    #expect(places.configuration(named: ["a"], exists: { _ in false }) == .files(["a"]))
  }

  @Test func `the first of the usual places that exists is taken`() {
    for (index, place) in usual.enumerated() {
      let existing = usual[index...]
      #expect(
        places.configuration(named: [], exists: { existing.contains($0) }) == .files([place]))
    }
    #expect(
      places.configuration(named: [], exists: { _ in false }) == .nothing(searched: usual))
  }

  @Test func `XDG variables move the places, unless they are relative`() {
    var places = StandardPlaces(environment: [
      "HOME": "/h", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s",
    ])
    #expect(places.configurationPlaces.last == "/c/mcpdash/mcpdash.json5")
    #expect(places.stateDirectory == "/s/mcpdash")
    places = StandardPlaces(environment: ["HOME": "/h", "XDG_STATE_HOME": "s"])
    #expect(places.stateDirectory == "/h/.local/state/mcpdash")
    #expect(StandardPlaces(environment: [:]).stateDirectory == nil)
  }
}

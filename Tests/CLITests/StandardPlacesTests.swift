import Testing

@testable import CLI

struct StandardPlacesTests {
  @Test func `places are looked at in the order of precedence, our own first`() {
    #expect(
      StandardPlaces(environment: ["HOME": "/home/op"]).configurations == [
        "./mcpdash.json5", "/home/op/.config/mcpdash/mcpdash.json5", "./.mcp.json",
        "./.vscode/mcp.json", "./.cursor/mcp.json", "./fastmcp.json", "/home/op/.claude.json",
        "/home/op/.config/Claude/claude_desktop_config.json",
        "/home/op/Library/Application Support/Claude/claude_desktop_config.json",
        "/home/op/.config/Code/User/mcp.json", "/home/op/.cursor/mcp.json",
      ])
  }

  @Test func `every place tells whose it is`() {
    let places = StandardPlaces(environment: ["HOME": "/home/op"])
    #expect(
      places.configurations.map { ConfigurationSource.Program(path: $0) } == [
        .mcpdash, .mcpdash, .claudeCode, .vsCode, .cursor, .fastMCP, .claudeCode, .claudeDesktop,
        .claudeDesktop, .vsCode, .cursor,
      ])
    #expect(places.ownConfigurations == Array(places.configurations.prefix(2)))
  }

  @Test func `XDG variables move the places, unless they are relative`() {
    var places = StandardPlaces(environment: [
      "HOME": "/h", "XDG_CONFIG_HOME": "/c", "XDG_STATE_HOME": "/s",
    ])
    #expect(places.ownConfigurations.last == "/c/mcpdash/mcpdash.json5")
    #expect(places.configurations.contains("/c/Code/User/mcp.json"))
    #expect(places.configurations.contains("/h/.claude.json"))
    #expect(places.stateDirectory == "/s/mcpdash")
    places = StandardPlaces(environment: ["HOME": "/h", "XDG_STATE_HOME": "s"])
    #expect(places.stateDirectory == "/h/.local/state/mcpdash")
    #expect(StandardPlaces(environment: [:]).stateDirectory == nil)
    #expect(StandardPlaces(environment: [:]).configurations.allSatisfy { $0.hasPrefix("./") })
  }
}

import FleetModel
import Testing

@testable import CLI

/// What stands in for an answer, as an operator writes it.
struct FallbackConfigurationTests {
  private func load(_ fallbacks: String, rest: String = "") -> Configuration {
    ConfigurationBench.load(
      "{servers: {a: {url: 'http://a/', fallbacks: \(fallbacks)}, b: {url: 'http://b/'}}\(rest)}")
  }

  private static func json(_ text: String) -> JSONText { JSONText(unchecked: Array(text.utf8)) }

  @Test(arguments: [
    (
      "{tool: 'weather*', answer: {content: [], n: 1.50}}", "weather*",
      Fallback.Source.answer(json(#"{"content":[],"n":1.50}"#))
    ),
    (
      "{tool: '*', text: 'no \"weather\" today'}", "*",
      .answer(json(#"{"content":[{"type":"text","text":"no \"weather\" today"}]}"#))
    ),
    ("{tool: 't', server: 'b'}", "t", .tool(ServerID("b"), nil)),
    ("{tool: 't', server: 'b', as: 'u'}", "t", .tool(ServerID("b"), "u")),
    ("{tool: 't', cache: true}", "t", .staleCache),
  ])
  func `a fallback is an answer, a text, another tool or the cache`(
    fallback: String, target: String, source: Fallback.Source
  ) {
    let configuration = load("[\(fallback)]")
    #expect(configuration.errorTexts == [])
    #expect(
      configuration.servers.map(\.policies.fallbacks)
        == [[Fallback(target: NamePattern(target), source: source)], []])
  }

  @Test(arguments: [
    "{servers: {a: {url: 'http://a/', policies: {fallbacks: F}}}}",
    "{servers: {a: {url: 'http://a/'}}, policies: {a: {fallbacks: F}}}",
    "{servers: {a: {url: 'http://a/'}}, policies: {'*': {fallbacks: F}}}",
    "{servers: {a: {url: 'http://a/'}}, defaults: {fallbacks: F}}",
    "{servers: {a: {url: 'http://a/', fallbacks: F}}, defaults: {fallbacks: [{tool: 'x', text: ''}]}}",
  ])
  func `fallbacks stand in an entry or in any policies`(text: String) {
    let configuration = ConfigurationBench.load(
      text.replacing("F", with: "[{tool: 't', cache: true}]"))
    #expect(configuration.errorTexts == [])
    #expect(
      configuration.servers.map(\.policies.fallbacks)
        == [[Fallback(target: NamePattern("t"), source: .staleCache)]])
  }

  @Test(arguments: [
    (
      "{tool: 't'}", "fallbacks",
      "fallbacks must be an array such as [{tool: \"weather*\", cache: true}], not an object"
    ),
    (
      "[5]", "fallbacks[0]",
      "must be an object such as {tool: \"weather*\", cache: true}, not a number"
    ),
    (
      "[{text: ''}]", "fallbacks[0]",
      "needs tool: what it stands in for, such as 'weather*', or '*' for all"
    ),
    ("[{tool: 't'}]", "fallbacks[0]", "needs exactly one of answer, text, server, cache"),
    (
      "[{tool: 't', text: '', cache: true}]", "fallbacks[0]",
      "needs exactly one of answer, text, server, cache"
    ),
    (
      "[{tool: 't', answr: {}, cache: true}]", "fallbacks[0].answr",
      "unknown key 'answr'; did you mean 'answer'?"
    ),
    (
      "[{tool: 't', answer: 'x'}]", "fallbacks[0].answer",
      "must be a result object such as {content: []}, not a string"
    ),
    (
      "[{tool: 't', text: 5}]", "fallbacks[0].text",
      "must be a string, not a number; put it in quotes"
    ),
    (
      "[{tool: 't', cache: false}]", "fallbacks[0].cache",
      "false is not true; write that, or remove it"
    ),
    (
      "[{tool: 't', cache: true, as: 'u'}]", "fallbacks[0].as",
      "belongs to server; remove it"
    ),
    (
      "[{tool: 't', server: 'b', as: 5}]", "fallbacks[0].as",
      "must be the name of a tool of 'b'"
    ),
    (
      "[{tool: 't', server: 'bb'}]", "fallbacks[0].server",
      "there is no server 'bb' to fall back to; did you mean 'b'?"
    ),
    (
      "[{tool: 't', server: 'a'}]", "fallbacks[0].server",
      "'a' cannot fall back to itself; name another server"
    ),
  ])
  func `a fallback that is wrong leaves its server out and the others run`(
    fallbacks: String, path: String, message: String
  ) {
    let configuration = load(fallbacks)
    #expect(configuration.names == ["b"])
    #expect(configuration.isUsable)
    #expect(configuration.errors.map(\.path) == ["servers.a." + path])
    #expect(configuration.errors.map(\.message) == [message])
    #expect(configuration.errors.allSatisfy { $0.position != nil })
  }

  @Test func `a fallback for all servers is none for the one it names`() {
    let configuration = ConfigurationBench.load(
      """
      {servers: {a: {url: 'http://a/'}, b: {url: 'http://b/'}},
       defaults: {fallbacks: [{tool: '*', server: 'b'}]}}
      """)
    #expect(configuration.errorTexts == [])
    #expect(
      configuration.servers.map(\.policies.fallbacks)
        == [[Fallback(target: .any, source: .tool(ServerID("b"), nil))], []])
  }

  @Test(arguments: ["b: {command: 5}", "b: {command: 'b', disabled: true}"])
  func `a fallback to a server that is left out is left out too, its own server runs`(
    entry: String
  ) {
    let configuration = ConfigurationBench.load(
      "{servers: {a: {url: 'http://a/', fallbacks: [{tool: 't', server: 'b'}]}, \(entry)}}")
    #expect(configuration.names == ["a"])
    #expect(configuration.servers.map(\.policies.fallbacks) == [[]])
    #expect(
      configuration.warnings.map(\.message) == ["'b' is left out, and so is this fallback"])
  }

  @Test func `fallbacks end at their limit`() {
    func list(_ count: Int) -> String {
      "[" + (0..<count).map { "{tool: 't\($0)', cache: true}" }.joined(separator: ",") + "]"
    }
    #expect(load(list(FallbackReader.limit)).errorTexts == [])
    #expect(load(list(FallbackReader.limit + 1)).errors.count == 1)
  }
}

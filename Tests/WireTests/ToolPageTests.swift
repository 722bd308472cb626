import FleetModel
import Testing

@testable import Wire

@Suite struct `A list of tools` {
  private func page(_ json: String, readsHeaders: Bool = false) throws -> ToolPage {
    try ToolPage(JSONView(Array(json.utf8)), readsHeaders: readsHeaders)
  }

  @Test func `gives names, descriptions and hints`() throws {
    var listing = ToolListing()
    try listing.append(
      page(
        #"""
        {"tools":[{"name":"a","description":"A","annotations":{"readOnlyHint":true}},
        {"name":"b","annotations":{"idempotentHint":true,"readOnlyHint":"yes"}}],"ttlMs":1500}
        """#))
    #expect(
      listing.tools == [
        ToolDescription(
          name: "a", description: "A", isReadOnly: true, isIdempotent: false, parameterHeaders: []),
        ToolDescription(
          name: "b", description: nil, isReadOnly: false, isIdempotent: true, parameterHeaders: []),
      ])
    #expect(listing.timeToLive == .milliseconds(1500))
  }

  @Test func `of one page is passed on as its own bytes`() throws {
    let text = #"{ "tools":[ {"name":"a","x":1.0} ], "later":true }"#
    var listing = ToolListing()
    try listing.append(page(text))
    #expect(listing.result.text == text)
    #expect(listing.timeToLive == nil)
  }

  @Test func `of several pages becomes one without cursor`() throws {
    var listing = ToolListing()
    let first = try page(
      #"{"tools":[{"name":"a"}],"ttlMs":9,"nextCursor":"","cacheScope":"public"}"#)
    #expect(first.nextCursor?.isEmpty == true)
    listing.append(first)
    try listing.append(page(#"{"tools":[{"name":"b"}],"ttlMs":5}"#))
    #expect(
      listing.result.text
        == #"{"tools":[{"name":"a"},{"name":"b"}],"ttlMs":5,"cacheScope":"public"}"#)
  }

  @Test(arguments: ["{}", #"{"tools":{}}"#, #"{"tools":[{}]}"#, #"{"tools":[1]}"#])
  func `that is none is malformed`(json: String) {
    #expect(throws: Failure.self) { try page(json) }
  }

  @Test func `drops a tool with an invalid header annotation and keeps the others`() throws {
    let text = #"""
      {"tools":[{"name":"good","inputSchema":{"type":"object","properties":{
      "r":{"type":"string","x-mcp-header":"Region"},
      "o":{"type":"object","properties":{"n":{"type":"integer","x-mcp-header":"N"}}}}}},
      {"name":"bad","inputSchema":{"properties":{"f":{"type":"number","x-mcp-header":"F"}}}}]}
      """#
    var listing = ToolListing()
    let page = try page(text, readsHeaders: true)
    listing.append(page)
    #expect(listing.tools.map(\.name) == ["good"])
    #expect(page.droppedTools.map(\.name) == ["bad"])
    #expect(!listing.result.text.contains("bad"))
    #expect(
      listing.tools[0].parameterHeaders == [
        ParameterHeader(name: "Region", path: ["r"]), ParameterHeader(name: "N", path: ["o", "n"]),
      ])
    var everything = ToolListing()
    try everything.append(self.page(text))
    #expect(everything.tools.count == 2, "stdio does not care")
  }
}

@Suite struct `A header annotation` {
  private func reading(_ properties: String) throws -> ParameterHeader.Reading {
    let schema = #"{"type":"object","properties":{\#(properties)}}"#
    return ParameterHeader.all(in: try JSONView(Array(schema.utf8)))
  }

  @Test(arguments: [
    #""a":{"type":"string","x-mcp-header":""}"#, #""a":{"type":"string","x-mcp-header":"a b"}"#,
    #""a":{"type":"string","x-mcp-header":5}"#, #""a":{"x-mcp-header":"A"}"#,
    #""a":{"type":"array","items":{"type":"string","x-mcp-header":"A"}}"#,
    #""a":{"anyOf":[{"type":"string","x-mcp-header":"A"}]}"#,
    #""a":{"type":"string","x-mcp-header":"A"},"b":{"type":"string","x-mcp-header":"a"}"#,
  ])
  func `that is invalid is found`(properties: String) throws {
    guard case .invalid = try reading(properties) else {
      Issue.record("taken as valid")
      return
    }
  }

  @Test func `in a default value is none`() throws {
    #expect(
      try reading(#""a":{"type":"object","default":{"x-mcp-header":"A"}}"#) == .valid([]))
  }

  @Test func `gives header fields for the arguments that are there`() {
    let headers = ["s", "i", "b", "n", "gone"].map { ParameterHeader(name: $0, path: ["in", $0]) }
    let params = JSONText(
      unchecked: Array(#"{"arguments":{"in":{"s":"ü","i":12,"b":true,"n":null}}}"#.utf8))
    #expect(
      ParameterHeader.fields(headers, params: params) == [
        HeaderField(name: "Mcp-Param-s", value: "=?base64?w7w=?="),
        HeaderField(name: "Mcp-Param-i", value: "12"),
        HeaderField(name: "Mcp-Param-b", value: "true"),
      ])
  }
}

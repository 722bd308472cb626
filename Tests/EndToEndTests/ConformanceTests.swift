import Foundation
import Testing

extension EndToEnd {
  /// The rules that the official suite's client scenarios judge, asked of its driver by servers of
  /// our own that keep to the suite's contract.
  @Suite struct Conformance {
    struct Scenario: Sendable, CustomTestStringConvertible {
      var name: String
      var version: String
      /// What the server must have seen, so that nothing passes by not happening.
      var seen: [String]

      var testDescription: String { "\(name) in \(version)" }
    }

    private static let modern = "2026-07-28"
    private static let handshake = "2025-11-25"

    static let scenarios: [Scenario] = [
      Scenario(
        name: "initialize", version: handshake,
        seen: ["initialize", "notifications/initialized", "tools/list"]),
      Scenario(name: "tools_call", version: handshake, seen: ["tools/call add_numbers"]),
      Scenario(name: "tools_call", version: modern, seen: ["tools/call add_numbers"]),
      Scenario(name: "sse-retry", version: handshake, seen: ["resumed"]),
      Scenario(
        name: "request-metadata", version: modern, seen: ["a refused version", "tools/list"]),
      Scenario(
        name: "http-standard-headers", version: modern,
        seen: [
          "tools/call test_headers", "tools/call my-hyphenated-tool", "resources/read",
          "prompts/get",
        ]),
      Scenario(
        name: "http-custom-headers", version: modern, seen: ["13 arguments", "2 arguments"]),
      Scenario(name: "http-invalid-tool-headers", version: modern, seen: ["tools/call valid_tool"]),
      Scenario(
        name: "json-schema-ref-no-deref", version: modern, seen: ["tools/call remote_schema"]),
      Scenario(
        name: "sep-2322-client-request-state", version: modern,
        seen: ["again echo_state", "again no_state", "again state_only"]),
      Scenario(
        name: "elicitation-sep1034-client-defaults", version: handshake, seen: ["a response"]),
    ]

    @Test(arguments: scenarios)
    func `the driver performs a scenario without breaking one of its rules`(
      _ scenario: Scenario
    ) async throws {
      let place = try Workplace()
      let server = try place.start(
        "server", try Prerequisite.currentPython.found(),
        [Prerequisite.script("conformance_server.py"), scenario.name])
      try await eventually("the scenario's server is ready: \(server.errors)") {
        server.output.contains("\ncontext ")
      }
      let said = server.output.split(separator: "\n").map { $0.split(separator: " ", maxSplits: 1) }
      let url = try #require(said.first { $0.first == "ready" }?.last.map(String.init))
      let context = try #require(said.first { $0.first == "context" }?.last.map(String.init))
      var environment = [
        "MCP_CONFORMANCE_SCENARIO": scenario.name,
        "MCP_CONFORMANCE_PROTOCOL_VERSION": scenario.version,
      ]
      if context != "null" { environment["MCP_CONFORMANCE_CONTEXT"] = context }

      let driver = try place.start(
        "driver", try Prerequisite.conformance.found(), [url], environment: environment)
      let status = try await eventually("the driver ends") { driver.status }

      #expect(status == 0, "\(driver.errors)")
      let verdict = try await verdict(of: url)
      #expect(verdict.faults == [])
      #expect(Set(scenario.seen).subtracting(verdict.seen) == [])
    }

    struct Login: Sendable, CustomTestStringConvertible {
      var name: String
      var faults: [String] = []
      var context: String?
      var isRefused = false

      var testDescription: String { ([name] + faults).joined(separator: " ") }
    }

    /// The rules of `auth/…`: what must be refused is refused before anybody is asked for consent, or
    /// after it where only the answer shows it.
    @Test(arguments: [
      Login(name: "auth/metadata-default"),
      Login(name: "auth/scope-step-up"),
      Login(name: "auth/metadata-issuer-mismatch", faults: ["wrong_issuer"], isRefused: true),
      Login(name: "auth/resource-mismatch", faults: ["other_resource"], isRefused: true),
      Login(name: "auth/iss-wrong-issuer", faults: ["iss_mismatch"], isRefused: true),
      Login(name: "auth/iss-supported-missing", faults: ["iss_missing"], isRefused: true),
      Login(name: "auth/pkce-required", faults: ["no_pkce"], isRefused: true),
      Login(name: "auth/scope-retry-limit", faults: ["always_403"], isRefused: true),
      Login(
        name: "auth/client-credentials-basic",
        context: #"{"client_id":"machine","client_secret":"machine-secret"}"#),
    ])
    func `the driver is authorised where it may be and nowhere else`(_ login: Login) async throws {
      let place = try Workplace()
      let port = try Workplace.freePort()
      let server = try place.start(
        "server", try Prerequisite.currentPython.found(),
        [Prerequisite.script("authorization_server.py"), String(port)] + login.faults)
      try await eventually("the authorization server is ready: \(server.errors)") {
        server.output.contains("ready")
      }
      var environment = [
        "MCP_CONFORMANCE_SCENARIO": login.name, "MCP_CONFORMANCE_PROTOCOL_VERSION": Self.modern,
      ]
      environment["MCP_CONFORMANCE_CONTEXT"] = login.context
      let driver = try place.start(
        "driver", try Prerequisite.conformance.found(), ["http://127.0.0.1:\(port)/mcp"],
        environment: environment)
      let status = try await eventually("the driver ends") { driver.status }

      #expect((status != 0) == login.isRefused, "\(driver.errors)")
    }

    @Test(arguments: [
      ([:], "MCP_CONFORMANCE_SCENARIO is not set"),
      (
        [
          "MCP_CONFORMANCE_SCENARIO": "initialize", "MCP_CONFORMANCE_PROTOCOL_VERSION": "1999",
        ], "is '1999'; known are 2026-07-28"
      ),
      (
        ["MCP_CONFORMANCE_SCENARIO": "initialize", "MCP_CONFORMANCE_CONTEXT": "{"],
        "MCP_CONFORMANCE_CONTEXT is no context"
      ),
    ])
    func `a broken contract is named`(_ environment: [String: String], _ words: String) async throws
    {
      let place = try Workplace()
      let driver = try place.start(
        "driver", try Prerequisite.conformance.found(), ["http://127.0.0.1:9/mcp"],
        environment: environment)

      #expect(try await eventually("the driver ends") { driver.status } == 64)
      #expect(driver.errors.contains(words))
    }

    private struct Verdict: Decodable {
      var seen: Set<String>
      var faults: [String]
    }

    private func verdict(of url: String) async throws -> Verdict {
      let port = try #require(URL(string: url)?.port)
      let request = try LoopbackRequest("GET", "/verdict", to: .port(port))
      let answer = try await eventually("the server gives its verdict") { request.answer }
      return try JSONDecoder().decode(Verdict.self, from: Data(answer.body.utf8))
    }
  }
}

import Foundation
import Testing

extension EndToEnd {
  /// HTTP with SSE of 2024-11-05, as servers of others speak it.
  @Suite struct LegacySSE {
    static let libraries = [
      ("mcp1", Prerequisite.handshakePython), ("mcp2", .currentPython), ("fastmcp", .currentPython),
    ]

    private static func start(
      _ library: (String, Prerequisite), in place: Workplace
    ) async throws -> Int {
      let port = try Workplace.freePort()
      let server = try place.start(
        "\(library.0)-\(port)", try library.1.found(),
        [Prerequisite.script("mode_server.py"), library.0, "sse", String(port)])
      try await eventually("the server is ready: \(server.errors)") {
        server.output.hasPrefix("ready ")
      }
      return port
    }

    @Test(arguments: libraries)
    func `is spoken when it is said, when the path says it, and when nothing else is known`(
      library: (String, Prerequisite)
    ) async throws {
      let place = try Workplace()
      let port = try await Self.start(library, in: place)
      let url = "http://127.0.0.1:\(port)/sse"
      let configuration = """
        { mcpServers: {
          said: { type: "sse", url: "\(url)" },
          inferred: { url: "\(url)" },
          foundOut: { type: "http", url: "\(url)" },
        } }
        """
      let program = try Program(place, configuration: configuration)

      let picture = try await program.picture(wait: 6)

      #expect(picture.servers.map(\.id).sorted() == ["foundOut", "inferred", "said"])
      for server in picture.servers {
        let context = Comment(rawValue: "\(server)")
        #expect(server.isConnected, context)
        #expect(server.transport == "sse", context)
        #expect(server.era == "handshake", context)
        #expect(server.protocolVersion == "2025-11-25", context)
        #expect((server.toolCount ?? 0) >= 4, context)
      }
    }
  }

  /// What the environment says about the way to a server.
  @Suite struct HTTPEnvironment {
    private static func proxy(_ mode: String, in place: Workplace) async throws -> (
      port: String, log: () -> String
    ) {
      let proxy = try place.start(
        mode, try Prerequisite.currentPython.found(),
        [Prerequisite.script("http_oddities.py"), mode])
      let port = try await eventually("the proxy is ready: \(proxy.errors)") { () -> String? in
        guard proxy.output.hasPrefix("ready "), proxy.output.contains("\n") else { return nil }
        return proxy.output.split(separator: "\n").first.map { String($0.dropFirst(6)) }
      }
      return (port, { proxy.output })
    }

    private static func picture(
      of fleet: TestFleet, in place: Workplace, _ environment: [String: String]
    ) async throws -> FleetPicture {
      let program = try Program(place, configuration: fleet.text)
      let result = try await Program.run(
        program.arguments + ["snapshot", "--format", "json", "--wait", "4"], in: place,
        environment: environment)
      return try FleetPicture(json: result.output)
    }

    @Test func `names a proxy, and what goes past it`() async throws {
      let place = try Workplace()
      let server = try FixtureServer(.modern, in: place)
      try await server.ready()
      var fleet = TestFleet()
      fleet.http("web", server.url)
      let proxy = try await Self.proxy("proxy", in: place)
      let environment = ["http_proxy": "http://127.0.0.1:\(proxy.port)"]

      let through = try await Self.picture(of: fleet, in: place, environment)
      #expect(through["web"]?.isConnected == true)
      let count = proxy.log().split(separator: "\n").count { $0.hasPrefix("POST http://") }
      #expect(count > 0)

      let past = try await Self.picture(
        of: fleet, in: place, environment.merging(["no_proxy": "127.0.0.1"]) { $1 })
      #expect(past["web"]?.isConnected == true)
      #expect(proxy.log().split(separator: "\n").count { $0.hasPrefix("POST http://") } == count)
    }

    @Test func `names a proxy for TLS, which may refuse the tunnel`() async throws {
      let place = try Workplace()
      var fleet = TestFleet()
      fleet.http("web", "https://127.0.0.1:1/mcp")
      let proxy = try await Self.proxy("refusing-proxy", in: place)

      let picture = try await Self.picture(
        of: fleet, in: place, ["https_proxy": "http://me:secret@127.0.0.1:\(proxy.port)"])

      #expect(picture["web"]?.isConnected == false)
      #expect(proxy.log().contains("CONNECT 127.0.0.1:1 "))
      #expect(!picture.notices.contains { $0.text.contains("secret") })
    }

    @Test func `names a proxy, through which a server on the usual port may lead to TLS`()
      async throws
    {
      let place = try Workplace()
      var fleet = TestFleet()
      fleet.http("usual", "http://usual.invalid/mcp")
      fleet.http("other", "http://other.invalid:81/mcp")
      let proxy = try await Self.proxy("upgrading-proxy", in: place)
      let url = "http://127.0.0.1:\(proxy.port)"

      _ = try await Self.picture(of: fleet, in: place, ["http_proxy": url, "https_proxy": url])

      let log = proxy.log()
      #expect(log.contains("POST http://usual.invalid/mcp "))
      #expect(log.contains("CONNECT usual.invalid:443 "))
      #expect(log.contains("POST http://other.invalid:81/mcp "))
      #expect(!log.contains("CONNECT other.invalid"))
    }
  }
}

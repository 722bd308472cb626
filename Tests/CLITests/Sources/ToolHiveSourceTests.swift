import FleetModel
import Synchronization
import Testing

@testable import CLI

struct ToolHiveSourceTests {
  /// Reports until so many came, and how the source ended.
  private static func follow(
    _ net: PretendNet, reports limit: Int, isOnly: Bool = true, attempts: Int = 3,
    _ react: @escaping @Sendable (Int) -> Void = { _ in }
  ) async -> (reports: [SourceReport], failure: CommandFailure?) {
    var settings = ToolHiveSettings()
    settings.port = 50_001
    settings.limits.attempts = attempts
    let client = ToolHiveClient(settings: settings, world: net.world)
    let source = ToolHiveSource(client: client, world: net.world, isOnlySource: isOnly)
    let reports = Mutex<[SourceReport]>([])
    let (enough, tell) = AsyncStream<Void>.makeStream()
    let running = Task { () -> CommandFailure? in
      defer { tell.finish() }
      do throws(CommandFailure) {
        try await source.run { report in
          let count = reports.withLock {
            $0.append(report)
            return $0.count
          }
          react(count)
          if count == limit { tell.finish() }
        }
        return nil
      } catch {
        return error
      }
    }
    for await _ in enough {}
    running.cancel()
    let failure = await running.value
    return (reports.withLock { Array($0.prefix(limit)) }, failure)
  }

  private static let workloads = """
    [{"name": "a", "url": "http://127.0.0.1:1/mcp", "status": "running", "group": "g",
      "tools": ["x"]},
     {"name": "b", "url": "http://127.0.0.1:2/sse", "proxy_mode": "sse", "status": "unhealthy"},
     {"name": "c", "url": "http://127.0.0.1:3/mcp", "status": "stopped"},
     {"name": "d", "status": "running"}]
    """

  @Test func `workloads become servers, and what does not is named`() async throws {
    let net = PretendNet(PretendNet.toolHive(on: 50_001, workloads: Self.workloads))
    let reports = await Self.follow(net, reports: 2).reports
    let report = try #require(reports.last)
    #expect(reports.first?.servers == report.servers)
    #expect(
      report.servers == [
        DiscoveredServer(
          name: "a", endpoint: .http(HTTPEndpoint(url: "http://127.0.0.1:1/mcp")),
          source: "toolhive localhost: a (group g; tools x)"),
        DiscoveredServer(
          name: "b", endpoint: .http(HTTPEndpoint(url: "http://127.0.0.1:2/sse", style: .sse)),
          source: "toolhive localhost: b"),
      ])
    #expect(
      report.snapshot
        == SourceSnapshot(
          name: "toolhive http://localhost:50001", kind: .toolhive, serverCount: 2, isWell: true,
          text: "2 of 4 workloads are served; not: c (stopped), d (no usable address);"
            + " 0 servers in the registry"))
  }

  @Test func `an answer that is the same is no news, and servers do not change with the port`()
    async throws
  {
    let net = PretendNet(PretendNet.toolHive(on: 50_001, workloads: Self.workloads))
    let changed = Mutex(false)
    let rule = PretendNet.toolHive(on: 50_001, workloads: Self.workloads)
    net.change { request, net in
      // Ten looks later it is elsewhere.
      if net.count("GET 50001/api/v1beta/workloads?all=true") > 10 {
        changed.withLock { $0 = true }
        return await PretendNet.toolHive(on: 50_002, workloads: Self.workloads)(request, net)
      }
      return await rule(request, net)
    }
    let reports = await Self.follow(net, reports: 4).reports
    #expect(changed.withLock { $0 })
    #expect(reports.map(\.snapshot.isWell) == [true, true, false, true])
    #expect(reports.map(\.snapshot.name).last == "toolhive http://localhost:50002")
    #expect(Set(reports.map(\.servers)).count == 1)
    #expect(reports.allSatisfy { $0.snapshot.serverCount == 2 })
  }

  @Test func `what stops leaves the fleet, what starts joins it`() async {
    let net = PretendNet(PretendNet.toolHive(on: 50_001, workloads: Self.workloads))
    let later = """
      [{"name": "c", "url": "http://127.0.0.1:3/mcp", "status": "running"},
       {"name": "a", "url": "http://127.0.0.1:1/mcp", "status": "removing"}]
      """
    let reports = await Self.follow(net, reports: 3) { _ in
      net.change(PretendNet.toolHive(on: 50_001, workloads: later))
    }.reports
    #expect(reports.map { $0.servers.map(\.name) } == [["a", "b"], ["a", "b"], ["c"]])
  }

  @Test func `as the only source it ends the program with its last words and status 1`() async {
    let net = PretendNet { _, _ in nil }
    let (reports, failure) = await Self.follow(net, reports: 100)
    #expect(failure == CommandFailure("ToolHive is unavailable: Connection refused", .failure))
    #expect(failure?.status.rawValue == 1)
    #expect(
      net.log.last
        == "CRITICAL ToolHive connection failure - exiting max_retries=3"
        + " last_error=\"Connection refused\"")
    #expect(reports.map(\.snapshot.isWell) == [false, false, false])
    #expect(reports.last?.snapshot.text == "Connection refused; attempt 3 of 3")
  }

  @Test func `beside other sources it is shown as down, keeps its servers and goes on`() async {
    let net = PretendNet(PretendNet.toolHive(on: 50_001, workloads: Self.workloads))
    let (reports, failure) = await Self.follow(net, reports: 5, isOnly: false) { count in
      if count == 1 { net.change { _, _ in nil } }
    }
    #expect(failure == nil)
    #expect(
      reports.last?.snapshot.text
        == "Connection refused; given up after 3 attempts, the next round comes in 5m")
    #expect(reports.last?.servers.map(\.name) == ["a", "b"])
    #expect(!net.log.contains { $0.contains("exiting") })
  }

  @Test func `a ToolHive whose runtime is ill is shown so, with what its health check says`() async
  {
    let net = PretendNet { request, _ in
      if request.hasSuffix("/version") { return .reply(200, #"{"version": "dev"}"#) }
      if request.hasSuffix("/health") { return .reply(503, "no docker") }
      return .reply(500, "Failed to list workloads")
    }
    let reports = await Self.follow(net, reports: 1).reports
    #expect(
      reports.first?.snapshot.text
        == "HTTP 500: Failed to list workloads; its health check says: no docker")
    #expect(reports.first?.snapshot.isWell == false)
    #expect(net.log.count == 0 || net.log.allSatisfy { $0.contains("refused the list") })
  }

  @Test func `the registry is looked at less often than the workloads`() async {
    let net = PretendNet { request, net in
      let count = net.requests.count
      if request.contains("/registry/") { return .reply(200, #"{"servers": [{"name": "s"}]}"#) }
      let name = count > 100 ? "late" : "early"
      return .reply(200, "{\"workloads\": [{\"name\": \"\(name)\"}]}")
    }
    let reports = await Self.follow(net, reports: 3).reports
    let looks = net.count("GET 50001/api/v1beta/workloads?all=true")
    let registry = net.count("GET 50001/api/v1beta/registry/default/servers")
    #expect(reports.last?.snapshot.text.hasSuffix("1 servers in the registry") == true)
    #expect((2...5).contains(registry), "\(registry) of \(looks)")
  }
}

import FleetModel
import Testing
import Wire

@testable import CLI

struct ToolHiveClientTests {
  private static func client(
    _ net: PretendNet, port: Int? = 50_001, attempts: Int = 5
  ) -> ToolHiveClient {
    var settings = ToolHiveSettings()
    settings.port = port
    settings.limits.attempts = attempts
    return ToolHiveClient(settings: settings, world: net.world)
  }

  private static let path = "/api/v1beta/workloads"

  private func fault<Value>(
    _ body: () async throws(ToolHiveFault) -> Value
  ) async -> ToolHiveFault? {
    do throws(ToolHiveFault) {
      _ = try await body()
      return nil
    } catch {
      return error
    }
  }

  @Test func `a ToolHive that moved is found, told of in the known words, and asked at once`()
    async throws
  {
    let net = PretendNet(PretendNet.toolHive(on: 50_002, workloads: #"[{"name": "a"}]"#))
    let client = Self.client(net)
    #expect(try await client.workloads(all: false).map(\.name) == ["a"])
    #expect(
      net.log == [
        "WARNING  ToolHive connection failed attempt=1 max_retries=5 error=\"Connection refused\""
          + " backoff_seconds=1.0",
        "WARNING  Attempting to rediscover ToolHive port previous_port=50001",
        "INFO     Successfully rediscovered ToolHive on new port old_port=50001 new_port=50002",
        "INFO     Port rediscovery successful, retrying immediately new_port=50002",
      ])
    #expect(await client.address == "http://localhost:50002")
    _ = try await client.workloads(all: true)
    #expect(net.requests.last == "GET 50002\(Self.path)?all=true")
  }

  /// Every operation, by the start of its request.
  private static let operations:
    [(String, @Sendable (ToolHiveClient) async throws(ToolHiveFault) -> Void)] = [
      ("listing", { client throws(ToolHiveFault) in _ = try await client.workloads(all: true) }),
      ("details", { client throws(ToolHiveFault) in _ = try await client.details(of: "a") }),
      ("registry", { client throws(ToolHiveFault) in _ = try await client.registry("default") }),
      ("logs", { client throws(ToolHiveFault) in _ = try await client.logs(of: "a") }),
      ("stop", { client throws(ToolHiveFault) in try await client.stop("a") }),
      ("restart", { client throws(ToolHiveFault) in try await client.restart("a") }),
      ("health", { client throws(ToolHiveFault) in _ = try await client.illness() }),
      ("version", { client throws(ToolHiveFault) in _ = try await client.version() }),
      (
        "install",
        { client throws(ToolHiveFault) in
          _ = try await client.install(try Self.server(), as: "a")
        }
      ),
    ]

  private static func server() throws(ToolHiveFault) -> RegistryServer {
    let json = #"{"servers": [{"name": "a", "image": "i"}]}"#
    guard let server = try? ToolHiveDocument.registry(Array(json.utf8)).first else {
      throw .refused(status: 0, "no example")
    }
    return server
  }

  @Test(arguments: operations.indices)
  func `every operation is tried again until it is given up`(index: Int) async {
    let net = PretendNet { _, _ in nil }
    let client = Self.client(net, attempts: 4)
    let fault = await fault { () async throws(ToolHiveFault) in
      try await Self.operations[index].1(client)
    }
    #expect(fault == .exhausted("Connection refused"))
    #expect(net.log.count { $0.contains("ToolHive connection failed") } == 4)
    #expect(
      net.log.last
        == "ERROR    All retry attempts exhausted. ToolHive is unavailable. total_attempts=4")
  }

  @Test(arguments: [
    PretendNet.Answer.reply(200, #"{"hello": 1}"#), .reply(200, "<html>"), .reply(404, "no"),
    .reply(500, "no"), .reply(302, ""),
  ])
  func `somebody else on the port is not ToolHive`(answer: PretendNet.Answer) async throws {
    let real = PretendNet.toolHive(on: 50_002, workloads: #"[{"name": "a"}]"#)
    let net = PretendNet { request, net in
      request.contains(" 50001/") ? answer : await real(request, net)
    }
    #expect(try await Self.client(net).workloads(all: false).map(\.name) == ["a"])
    #expect(
      net.log.first?.contains("error=\"port 50001 does not answer as ToolHive does") == true)
  }

  @Test func `a refusal of ToolHive itself is told and not repeated`() async {
    let net = PretendNet { request, _ in
      request.hasSuffix("/version")
        ? .reply(200, #"{"version": "dev"}"#) : .reply(404, "Workload not found\nmore")
    }
    let fault = await fault { () async throws(ToolHiveFault) in
      try await Self.client(net).details(of: "x/../y")
    }
    #expect(fault == .refused(status: 404, "Workload not found"))
    #expect(net.count("GET 50001\(Self.path)/x%2F..%2Fy") == 1)
    #expect(net.log.isEmpty)
  }

  @Test func `what ToolHive answers and nobody understands is told and not repeated`() async {
    let net = PretendNet { request, _ in
      .reply(200, request.hasSuffix("/version") ? #"{"version": "dev"}"# : #"{"odd": 1}"#)
    }
    let fault = await fault { () async throws(ToolHiveFault) in
      try await Self.client(net).workloads(all: true)
    }
    #expect(
      fault
        == .refused(
          status: 200, "it answers what cannot be understood: no workloads in it"))
    #expect(net.log.isEmpty)
  }

  @Test func `one search serves all who need it`() async throws {
    let waiting = 5
    let real = PretendNet.toolHive(on: 50_050)
    let net = PretendNet { request, net in
      // Nobody on the range answers before all have lost the old port.
      while request.hasSuffix("/version"), net.count("GET 50001\(Self.path)") < waiting {
        await Task.yield()
      }
      return await real(request, net)
    }
    let client = Self.client(net)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<waiting {
        group.addTask { _ = try await client.workloads(all: false) }
      }
      try await group.waitForAll()
    }
    #expect(net.count("GET 50100/api/v1beta/version") == 1)
    #expect(net.count("GET 50001/api/v1beta/version") == PortScan.preferredTries + 1)
  }

  @Test func `without a port the range is searched, and the search is the try`() async throws {
    let net = PretendNet { _, _ in nil }
    let client = Self.client(net, port: nil, attempts: 3)
    let fault = await fault { () async throws(ToolHiveFault) in
      try await client.workloads(all: false)
    }
    #expect(fault == .exhausted("not found on localhost in the ports 50000 to 50100"))
    #expect(net.count("GET 50000/api/v1beta/version") == 3)
    net.change(PretendNet.toolHive(on: 50_003))
    #expect(try await client.workloads(all: false).isEmpty)
  }

  @Test func `an installation whose answer was lost is not refused for its own traces`()
    async throws
  {
    let net = PretendNet { request, net in
      if request.hasSuffix("/version") { return .reply(200, #"{"version": "v1.0.0"}"#) }
      return net.count(request) == 1 ? .lost : .reply(409, "already exists")
    }
    let made = try await Self.client(net).install(try Self.server(), as: "a")
    #expect(made.name == "a")
    #expect(net.count("POST 50001\(Self.path)") == 2)
  }

  @Test func `an installation over one that is there is refused`() async {
    let net = PretendNet { request, _ in
      request.hasSuffix("/version")
        ? .reply(200, #"{"version": "v1.0.0"}"#) : .reply(409, "already exists")
    }
    let fault = await fault { () async throws(ToolHiveFault) in
      try await Self.client(net).install(try Self.server(), as: "a").name
    }
    #expect(fault == .refused(status: 409, "already exists"))
  }

  @Test(arguments: [
    ("localhost", "http://localhost:1"), ("::1", "http://[::1]:1"), ("[::1]", "http://[::1]:1"),
  ])
  func `an address of IPv6 stands in brackets`(host: String, address: String) {
    #expect(ToolHiveSettings(host: host).address(1) == address)
  }
}

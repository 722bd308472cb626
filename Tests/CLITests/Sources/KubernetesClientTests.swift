import FleetModel
import Synchronization
import Testing
import Wire

@testable import CLI

struct KubernetesClientTests {
  private static func client(
    _ net: PretendNet, api: String = "https://10.0.0.1:443",
    namespace: KubernetesSettings.Namespace = .own,
    files: @escaping @Sendable (String) -> String? = { _ in nil }
  ) -> KubernetesClient {
    var settings = KubernetesSettings(api: api, namespace: namespace)
    settings.credentials = "/sa"
    settings.limits.attempts = 3
    return KubernetesClient(settings: settings, world: net.world) { path throws(FileError) in
      guard let text = files(path) else { throw FileError(reason: "none", isAbsent: true) }
      return Array(text.utf8)
    }
  }

  private static let list = "GET 443/apis/toolhive.stacklok.dev/v1beta1/mcpservers?limit=250"

  private static func page(_ names: [String], next: String = "") -> PretendNet.Answer {
    let items = names.map { "{\"metadata\": {\"name\": \"\($0)\", \"namespace\": \"n\"}}" }
    return .reply(
      200,
      "{\"metadata\": {\"continue\": \"\(next)\"}, \"items\": [\(items.joined(separator: ","))]}")
  }

  private func fault(_ client: KubernetesClient) async -> ToolHiveFault? {
    do throws(ToolHiveFault) {
      _ = try await client.workloads()
      return nil
    } catch {
      return error
    }
  }

  @Test func `all pages are one list`() async throws {
    let net = PretendNet { request, _ in
      if request.hasSuffix("continue=2") { return Self.page(["c"]) }
      return request.hasSuffix("continue=1")
        ? Self.page(["b"], next: "2") : Self.page(["a"], next: "1")
    }
    #expect(try await Self.client(net).workloads().map(\.fullName) == ["a.n", "b.n", "c.n"])
  }

  @Test func `a list that the cluster forgot is begun anew, and not for ever`() async throws {
    let once = PretendNet { request, net in
      guard request.contains("continue=") else { return Self.page(["a"], next: "1") }
      return net.count(request) == 1 ? .reply(410, "{}") : Self.page(["b"])
    }
    #expect(try await Self.client(once).workloads().map(\.name) == ["a", "b"])
    let always = PretendNet { request, _ in
      request.contains("continue=") ? .reply(410, "{}") : Self.page(["a"], next: "1")
    }
    guard case .refused(status: 410, _) = await fault(Self.client(always)) else {
      Issue.record("not refused")
      return
    }
  }

  @Test func `the older version is asked where the newer is not there`() async throws {
    let net = PretendNet { request, _ in
      request.contains("v1alpha1") ? Self.page(["a"]) : .reply(404, "{}")
    }
    #expect(try await Self.client(net).workloads().map(\.name) == ["a"])
    let none = PretendNet { _, _ in .reply(404, "{}") }
    #expect(
      await fault(Self.client(none))
        == .refused(
          status: 404,
          "the cluster has no mcpservers.toolhive.stacklok.dev; is ToolHive's operator installed?"))
  }

  @Test func `a refusal says who may not do what, and is not repeated`() async {
    let denied = PretendNet { _, _ in .reply(403, #"{"message": "forbidden"}"#) }
    #expect(
      await fault(Self.client(denied, namespace: .named("n")))
        == .refused(
          status: 403,
          "the service account may not list mcpservers.toolhive.stacklok.dev in namespace n"
            + " (forbidden); give it a role with the verb list"))
    let unknown = PretendNet { _, _ in .reply(401, #"{"message": "Unauthorized"}"#) }
    #expect(
      await fault(Self.client(unknown))
        == .refused(
          status: 401,
          "the service account's token is not accepted (Unauthorized); its file is /sa/token"))
    #expect(denied.requests.count == 1 && unknown.requests.count == 1)
  }

  @Test(
    arguments: [
      nil, .lost, .reply(500, ""), .reply(503, ""), .reply(429, ""), .reply(200, "<html>"),
    ] as [PretendNet.Answer?])
  func `what passes is tried again with the same retries, and nothing is searched`(
    answer: PretendNet.Answer?
  ) async {
    let net = PretendNet { _, _ in answer }
    guard case .exhausted = await fault(Self.client(net)) else {
      Issue.record("not given up")
      return
    }
    #expect(net.requests == [Self.list, Self.list, Self.list])
    #expect(
      net.log.first?.hasPrefix("WARNING  Kubernetes API connection failed attempt=1 max_retries=3")
        == true)
    #expect(
      net.log.last
        == "ERROR    All retry attempts exhausted. Kubernetes API is unavailable. total_attempts=3")
  }

  @Test func `the token is read for each request, and a changed one is used`() async throws {
    let net = PretendNet { _, _ in Self.page([]) }
    let token = Mutex("one\n")
    let client = Self.client(net) { path in
      path == "/sa/token" ? token.withLock { $0 } : nil
    }
    _ = try await client.workloads()
    token.withLock { $0 = "two\r\nX-Evil: 1" }
    _ = try await client.workloads()
    #expect(
      net.headers.map { $0.first { $0.name == "Authorization" }?.value }
        == ["Bearer one", "Bearer two"])
  }

  @Test(arguments: [
    ("https://10.0.0.1:443", true), ("http://127.0.0.1:8001", true),
    ("http://localhost:8001", true),
    ("http://[::1]:8001", true), ("http://10.0.0.1:8001", false),
    ("http://127.0.0.1.example.com:80", false),
  ])
  func `the token does not leave the machine in the clear`(api: String, isSent: Bool) async throws {
    let net = PretendNet { _, _ in Self.page([]) }
    let client = Self.client(net, api: api) { $0 == "/sa/token" ? "secret" : nil }
    _ = try await client.workloads()
    #expect(net.headers.contains { $0.contains { $0.name == "Authorization" } } == isSent)
  }

  @Test func `in one namespace the name alone is the server's`() async throws {
    let net = PretendNet { _, _ in Self.page(["a"]) }
    let own = Self.client(net) { $0 == "/sa/namespace" ? "n" : nil }
    #expect(try await own.workloads().map(\.fullName) == ["a"])
    #expect(net.requests.last?.contains("/v1beta1/namespaces/n/mcpservers") == true)
    let all = Self.client(net, namespace: .all) { $0 == "/sa/namespace" ? "n" : nil }
    #expect(try await all.workloads().map(\.fullName) == ["a.n"])
    #expect(net.requests.last == Self.list)
  }
}

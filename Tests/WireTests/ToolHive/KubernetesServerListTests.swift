import FleetModel
import Testing
import Wire

struct KubernetesServerListTests {
  private static func list(_ json: String) throws -> KubernetesServerList {
    try KubernetesServerList(Array(json.utf8))
  }

  @Test func `a resource is read as a workload with its namespace`() throws {
    let page = try Self.list(
      """
      {"kind": "MCPServerList", "metadata": {"continue": "next"}, "items": [{
        "metadata": {"name": "fetch", "namespace": "tools", "creationTimestamp": "2026-01-02T03:04:05Z"},
        "spec": {"image": "ghcr.io/x/fetch", "transport": "stdio", "proxyMode": "sse",
          "groupRef": {"name": "team"}},
        "status": {"phase": "Ready", "url": "http://mcp-fetch-proxy.tools.svc:8080/sse",
          "message": "up"}}]}
      """)
    let workload = try #require(page.workloads.first)
    #expect(page.continuation == "next")
    #expect(workload.fullName == "fetch.tools")
    #expect(workload.status == .running)
    #expect(workload.group == "team")
    #expect(
      workload.endpoint
        == .http(
          HTTPEndpoint(url: "http://mcp-fetch-proxy.tools.svc:8080/sse", style: .sse)))
  }

  @Test(arguments: [
    ("Ready", ToolHiveWorkload.Status.running), ("Running", .running), ("Pending", .starting),
    ("Failed", .error), ("Terminating", .removing), ("Stopped", .stopped), ("", .unknown),
  ])
  func `the phases of both versions are known`(phase: String, status: ToolHiveWorkload.Status)
    throws
  {
    let page = try Self.list(
      "{\"items\": [{\"metadata\": {\"name\": \"a\"}, \"status\": {\"phase\": \"\(phase)\"}}]}")
    #expect(page.workloads.map(\.status) == [status])
  }

  @Test func `what is being deleted is not served, and a proxy's mode counts for stdio alone`()
    throws
  {
    let page = try Self.list(
      """
      {"items": [{"metadata": {"name": "a", "deletionTimestamp": "2026-01-02T03:04:05Z"},
          "status": {"phase": "Ready"}},
        {"metadata": {"name": "b"}, "spec": {"transport": "streamable-http", "proxyMode": "sse"},
          "status": {"url": "http://b/mcp"}}, {"metadata": {}}]}
      """)
    #expect(page.workloads.map(\.name) == ["a", "b"])
    #expect(page.workloads.first?.status == .removing)
    #expect(page.workloads.last?.endpoint == .http(HTTPEndpoint(url: "http://b/mcp")))
  }

  @Test func `nothing of a namespace or a token can leave its place in the path`() {
    #expect(
      KubernetesServerList.path(
        version: "v1beta1", namespace: "a/../b?x", limit: 5, continuation: "t&limit=9 é")
        == "/apis/toolhive.stacklok.dev/v1beta1/namespaces/a%2F..%2Fb%3Fx/mcpservers?limit=5"
        + "&continue=t%26limit%3D9%20%C3%A9")
    #expect(
      KubernetesServerList.path(
        version: "v1alpha1", namespace: nil, limit: 5, continuation: nil)
        == "/apis/toolhive.stacklok.dev/v1alpha1/mcpservers?limit=5")
  }
}

/// One page of the custom resources `mcpservers.toolhive.stacklok.dev`, as the Kubernetes API
/// lists them.
package struct KubernetesServerList: Hashable, Sendable {
  /// The group's versions, the newest first.
  package static let versions = ["v1beta1", "v1alpha1"]

  package var workloads: [ToolHiveWorkload]
  /// Asks for the next page; nil on the last one.
  package var continuation: String?

  package init(_ bytes: [UInt8]) throws(ToolHiveDocument.Unreadable) {
    let root: JSONView
    do throws(JSONError) { root = try JSONView(bytes) } catch {
      throw ToolHiveDocument.Unreadable(reason: "no JSON")
    }
    guard let items = root.member("items"), items.kind == .array || items.isNull else {
      throw ToolHiveDocument.Unreadable(reason: "no items in it")
    }
    workloads = items.elements.compactMap(Self.workload)
    let token = root.member("metadata")?.member("continue")?.string ?? ""
    continuation = token.isEmpty ? nil : token
  }

  /// The path of the list.
  /// - Parameter namespace: nil for all of them.
  package static func path(
    version: String, namespace: String?, limit: Int, continuation: String?
  ) -> String {
    let place = namespace.map { "namespaces/\(PercentCoding.encode($0))/" } ?? ""
    let more = continuation.map { "&continue=\(PercentCoding.encode($0))" } ?? ""
    return "/apis/toolhive.stacklok.dev/\(version)/\(place)mcpservers?limit=\(limit)\(more)"
  }

  /// The sentence of a refusal: the API answers with an object of kind Status.
  package static func refusal(_ bytes: [UInt8]) -> String? {
    // Anything else than JSON says nothing that is meant for people.
    guard let root = try? JSONView(bytes) else { return nil }
    return root.member("message")?.string
  }

  private static func workload(_ item: JSONView) -> ToolHiveWorkload? {
    guard let metadata = item.member("metadata"), let name = metadata.member("name")?.string,
      !name.isEmpty
    else { return nil }
    let (spec, status) = (item.member("spec"), item.member("status"))
    var workload = ToolHiveWorkload(name: name)
    workload.namespace = metadata.member("namespace")?.string
    workload.createdAt = metadata.member("creationTimestamp")?.string ?? ""
    workload.url = status?.member("url")?.string ?? ""
    workload.transportType = spec?.member("transport")?.string ?? "stdio"
    // The proxy of any other transport speaks that transport.
    if workload.transportType == "stdio" {
      workload.proxyMode = spec?.member("proxyMode")?.string ?? ""
    }
    workload.status = phase(status?.member("phase")?.string ?? "")
    if metadata.member("deletionTimestamp") != nil { workload.status = .removing }
    workload.statusContext = status?.member("message")?.string ?? ""
    workload.package = spec?.member("image")?.string ?? ""
    workload.group = spec?.member("groupRef")?.member("name")?.string ?? ""
    workload.tools = spec?.member("tools")?.elements.compactMap(\.string) ?? []
    return workload
  }

  /// v1alpha1 says Running, v1beta1 Ready.
  private static func phase(_ phase: String) -> ToolHiveWorkload.Status {
    switch phase {
    case "Ready", "Running": .running
    case "Pending": .starting
    case "Failed": .error
    case "Terminating": .removing
    case "Stopped": .stopped
    default: .unknown
    }
  }
}

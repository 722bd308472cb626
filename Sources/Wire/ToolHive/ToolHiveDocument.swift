package import FleetModel

/// Reads what ToolHive's API (`/api/v1beta`) answers.
package enum ToolHiveDocument {
  /// Workloads, or registry entries, of one answer; a longer list is no sound answer.
  package static let entryLimit = 10_000

  /// Why a document is none of ToolHive's.
  package struct Unreadable: Error, Hashable, Sendable {
    package var reason: String

    package init(reason: String) { self.reason = reason }
  }

  /// `GET /api/v1beta/version`; whoever answers anything else is not ToolHive.
  package static func version(_ bytes: [UInt8]) throws(Unreadable) -> ToolHiveVersion {
    guard let version = try root(bytes).member("version")?.string else {
      throw Unreadable(reason: "no version in it")
    }
    return ToolHiveVersion(version)
  }

  /// `GET /api/v1beta/workloads`, in its order. Entries without a name are left out.
  package static func workloads(_ bytes: [UInt8]) throws(Unreadable) -> [ToolHiveWorkload] {
    try list("workloads", of: try root(bytes)).compactMap(workload)
  }

  /// `GET /api/v1beta/workloads/{name}`: a workload, or in newer versions the request that makes
  /// it, whose environment and secrets are not read.
  package static func details(_ bytes: [UInt8]) throws(Unreadable) -> ToolHiveWorkload {
    guard let workload = workload(try root(bytes)) else {
      throw Unreadable(reason: "no name in it")
    }
    return workload
  }

  /// `GET /api/v1beta/registry/{name}/servers`: images first, then remote servers, each by name.
  package static func registry(_ bytes: [UInt8]) throws(Unreadable) -> [RegistryServer] {
    let root = try root(bytes)
    let images = try list("servers", of: root).compactMap { RegistryServer($0, isRemote: false) }
    let remote = try list("remote_servers", of: root).compactMap {
      RegistryServer($0, isRemote: true)
    }
    return images.sorted { $0.name < $1.name } + remote.sorted { $0.name < $1.name }
  }

  /// The answer to a creation: the name it got, and its port.
  package static func created(
    _ bytes: [UInt8]
  ) throws(Unreadable) -> (name: String, port: Int?) {
    let root = try root(bytes)
    guard let name = root.member("name")?.string else { throw Unreadable(reason: "no name in it") }
    return (name, root.member("port")?.int)
  }

  /// The body of `POST /api/v1beta/workloads` for an entry of the registry.
  package static func creation(of server: RegistryServer, name: String) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.member("name", name)
      if server.isRemote {
        $0.member("url", server.address)
      } else {
        $0.member("image", server.address)
      }
      if !server.transport.isEmpty { $0.member("transport", server.transport) }
      if let port = server.targetPort { $0.member("target_port", port) }
      if !server.arguments.isEmpty {
        $0.key("cmd_arguments")
        $0.array { list in for argument in server.arguments { list.value(argument) } }
      }
      if let profile = server.permissions { $0.member("permission_profile", profile) }
    }
    return writer.json
  }

  private static func root(_ bytes: [UInt8]) throws(Unreadable) -> JSONView {
    let root: JSONView
    do throws(JSONError) { root = try JSONView(bytes) } catch {
      throw Unreadable(reason: "no JSON")
    }
    guard root.kind == .object else { throw Unreadable(reason: "no JSON object") }
    return root
  }

  /// Absent and null are empty: Go writes an empty list as null.
  private static func list(
    _ key: String, of root: JSONView
  ) throws(Unreadable) -> [JSONView] {
    guard let list = root.member(key) else {
      if key != "workloads" { return [] }
      throw Unreadable(reason: "no \(key) in it")
    }
    guard !list.isNull else { return [] }
    guard list.kind == .array else { throw Unreadable(reason: "\(key) is no list") }
    var elements: [JSONView] = []
    for element in list.elements {
      guard elements.count < entryLimit else {
        throw Unreadable(reason: "more than \(entryLimit) \(key)")
      }
      elements.append(element)
    }
    return elements
  }

  private static func workload(_ view: JSONView) -> ToolHiveWorkload? {
    guard let name = text(view, "name"), !name.isEmpty else { return nil }
    // Other kinds of workload speak no MCP.
    if let kind = text(view, "tool_type"), !kind.isEmpty, kind != "mcp" { return nil }
    var workload = ToolHiveWorkload(name: name)
    workload.url = text(view, "url") ?? ""
    workload.transportType = text(view, "transport_type") ?? text(view, "transport") ?? ""
    workload.proxyMode = text(view, "proxy_mode") ?? ""
    workload.status = text(view, "status").flatMap(ToolHiveWorkload.Status.init) ?? .unknown
    workload.statusContext = text(view, "status_context") ?? ""
    workload.package = text(view, "package") ?? text(view, "image") ?? ""
    workload.group = text(view, "group") ?? ""
    workload.tools = view.member("tools")?.elements.compactMap(\.string) ?? []
    workload.isRemote = view.member("remote")?.bool ?? false
    workload.createdAt = text(view, "created_at") ?? ""
    return workload
  }

  private static func text(_ view: JSONView, _ key: String) -> String? {
    view.member(key)?.string
  }
}

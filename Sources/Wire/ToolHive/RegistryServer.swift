package import FleetModel

/// One server that ToolHive's registry offers; all texts are as they came and may hold anything.
package struct RegistryServer: Hashable, Sendable {
  /// A variable the server wants to be started with.
  package struct Variable: Hashable, Sendable {
    package var name: String
    package var isRequired: Bool
    package var isSecret: Bool
  }

  package var name: String
  package var summary: String
  /// The image, or the URL of a remote server.
  package var address: String
  package var isRemote: Bool
  package var transport: String
  package var targetPort: Int?
  package var arguments: [String]
  /// What the server may do, in ToolHive's own form.
  package var permissions: JSONText?
  package var tier: String
  package var tools: [String]
  package var variables: [Variable]

  /// nil for what has no name.
  init?(_ view: JSONView, isRemote: Bool) {
    guard let name = view.member("name")?.string, !name.isEmpty else { return nil }
    self.name = name
    self.isRemote = isRemote
    summary = view.member("description")?.string ?? ""
    address = view.member(isRemote ? "url" : "image")?.string ?? ""
    transport = view.member("transport")?.string ?? ""
    targetPort = view.member("target_port")?.int
    arguments = view.member("args")?.elements.compactMap(\.string) ?? []
    permissions = view.member("permissions").flatMap { $0.kind == .object ? $0.json : nil }
    tier = view.member("tier")?.string ?? ""
    tools = view.member("tools")?.elements.compactMap(\.string) ?? []
    variables =
      view.member("env_vars")?.elements.compactMap { variable in
        guard let name = variable.member("name")?.string else { return nil }
        return Variable(
          name: name, isRequired: variable.member("required")?.bool ?? false,
          isSecret: variable.member("secret")?.bool ?? false)
      } ?? []
  }
}

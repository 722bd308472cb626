package import FleetModel

/// What a server says it can do, as far as this client acts upon it.
package struct ServerCapabilities: Hashable, Sendable {
  package var announcesTools = false
  package var announcesPrompts = false
  package var announcesResources = false
  /// Takes `logging/setLevel` (handshake), or the level in `_meta` (modern).
  package var logs = false
  /// Runs tool calls as tasks when it is asked to (2025-11-25).
  package var runsTasks = false

  package init() {}

  /// - Parameter result: of `server/discover` or `initialize`.
  package init(_ result: JSONView) {
    guard let capabilities = result.member("capabilities") else { return }
    func announces(_ name: String) -> Bool {
      capabilities.member(name)?.member("listChanged")?.bool == true
    }
    announcesTools = announces("tools")
    announcesPrompts = announces("prompts")
    announcesResources = announces("resources")
    logs = capabilities.member("logging")?.kind == .object
    runsTasks =
      capabilities.member("tasks")?.member("requests")?.member("tools")?.member("call") != nil
  }

  /// The params of `subscriptions/listen`; nil when the server announces nothing.
  package var listenParams: JSONText? {
    guard announcesTools || announcesPrompts || announcesResources else { return nil }
    var writer = JSONWriter()
    writer.object {
      $0.member(
        "notifications",
        object: {
          if announcesTools { $0.member("toolsListChanged", true) }
          if announcesPrompts { $0.member("promptsListChanged", true) }
          if announcesResources { $0.member("resourcesListChanged", true) }
        })
    }
    return writer.json
  }
}

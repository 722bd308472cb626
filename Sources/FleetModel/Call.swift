/// What someone wants of one server.
package struct Call: Hashable, Sendable {
  /// Who asked; decides which counters a call moves and how it is shown.
  package enum Origin: String, Hashable, Sendable, CaseIterable {
    case cli, probe, load, replay, gateway

    package var priority: Priority {
      switch self {
      case .cli, .gateway: .interactive
      case .load, .replay: .batch
      case .probe: .probe
      }
    }
  }

  /// Who goes first where calls wait for a place.
  package enum Priority: Int, Hashable, Sendable, CaseIterable { case interactive, batch, probe }

  package var id: CallID
  package var server: ServerID
  /// The MCP method, such as `tools/call`.
  package var method: String
  /// The tool's name, the prompt's name or the resource's URI, where the method has one.
  package var target: String?
  /// The request's `params` object without `_meta`.
  package var params: JSONText
  package var origin: Origin
  /// The caller's own limit; the policies' total timeout holds beside it.
  package var deadline: Instant?
  /// Who is calling, for the dead letter; `mcpdash` when nobody said.
  package var client: String
  /// The caller's own token, in the place of the server's configured authorization. Never kept: a
  /// dead letter is without it, and answers under it are neither cached nor shared.
  package var token: Secret?

  package init(
    id: CallID, server: ServerID, method: String, target: String? = nil,
    params: JSONText = .emptyObject, origin: Origin, deadline: Instant? = nil,
    client: String = "mcpdash", token: Secret? = nil
  ) {
    self.id = id
    self.server = server
    self.method = method
    self.target = target
    self.params = params
    self.origin = origin
    self.deadline = deadline
    self.client = client
    self.token = token
  }

  /// The same arguments for another tool; nil when the params are not as `tool` writes them.
  package func asking(for tool: String) -> Call? {
    guard method == "tools/call", let target else { return nil }
    func head(_ name: String) -> [UInt8] {
      var writer = JSONWriter()
      writer.object { $0.member("name", name) }
      return writer.bytes.dropLast()
    }
    let old = head(target)
    guard params.bytes.starts(with: old) else { return nil }
    var call = self
    call.target = tool
    call.params = JSONText(unchecked: head(tool) + params.bytes.dropFirst(old.count))
    return call
  }

  /// A `tools/call`, its params made of the tool's name and its arguments object.
  package static func tool(
    _ name: String, arguments: JSONText, on server: ServerID, id: CallID, origin: Origin,
    deadline: Instant? = nil, client: String = "mcpdash", token: Secret? = nil
  ) -> Call {
    var writer = JSONWriter()
    writer.object {
      $0.member("name", name)
      $0.member("arguments", arguments)
    }
    return Call(
      id: id, server: server, method: "tools/call", target: name, params: writer.json,
      origin: origin, deadline: deadline, client: client, token: token)
  }
}

import Adapters
import FleetModel
import Telemetry
import Wire

/// `mcpdash logout` and `mcpdash auth status`.
struct AuthorizationCommands {
  let context: CommandContext

  func logout(_ name: String) async throws(CommandFailure) -> ExitStatus {
    let (_, endpoint) = try context.httpServer(name)
    guard let address = endpoint.webAddress else {
      throw CommandFailure("'\(name)' is behind a socket, which needs no login", .usage)
    }
    let store = try context.tokenStore()
    let grants = try read(store).grants(for: address)
    guard !grants.isEmpty else {
      context.complain("nobody is logged in to \(name)")
      return .failure
    }
    var client = OAuthClient()
    if case .oauth(let configured) = endpoint.authorization { client = configured }
    let isRevoked = await revoke(grants, client, AddressRules(server: address))
    do throws(Failure) { try store.change { $0.forget(address) } } catch {
      throw CommandFailure(error.message, .cannotCreate)
    }
    try context.print("logged out of \(name)\(isRevoked ? ", and the tokens are revoked" : "")\n")
    return .success
  }

  /// What cannot be revoked is forgotten all the same.
  private func revoke(
    _ grants: [OAuthGrant], _ client: OAuthClient, _ rules: AddressRules
  ) async -> Bool {
    let loop = EventLoop(name: "logout")
    loop.start()
    let curl = CurlClient(loop: loop)
    let conversation = OAuthConversation(loop: loop, curl: curl)
    var isRevoked = true
    for grant in grants {
      do throws(OAuthFault) {
        let done = try await conversation.revoke(grant, client: client, rules: rules)
        isRevoked = isRevoked && done
      } catch {
        context.complain("the tokens are not revoked: \(error.message)")
        isRevoked = false
      }
    }
    await curl.shutdown()
    loop.stop()
    return isRevoked
  }

  private func read(_ store: TokenStore) throws(CommandFailure) -> TokenFile {
    do throws(Failure) { return try store.read() } catch {
      throw CommandFailure(error.message, .badData)
    }
  }

  // MARK: - Status

  /// One server as the list shows it; no token is in it.
  private struct Line {
    var server: String
    var kind: String
    var state: String
    var grant: OAuthGrant?
  }

  func status(isJSON: Bool) throws(CommandFailure) {
    let file = try read(try context.tokenStore())
    let now = SQLiteDeadLetterStore.systemTime()
    let lines = try context.configuration().servers.map { Self.line($0, file, now) }
    guard !isJSON else { return try context.print(Self.json(lines)) }
    let rows = lines.map { line in
      [
        PlainText.clean(line.server), line.kind, line.state,
        PlainText.clean(line.grant?.issuer ?? "-"),
        PlainText.clean(line.grant?.scopes.joined(separator: " ") ?? "-"),
        line.grant?.expiresAt?.rfc3339 ?? "-",
      ]
    }
    try context.print(
      Self.table([["SERVER", "KIND", "STATE", "ISSUER", "SCOPES", "UNTIL"]] + rows))
  }

  private static func line(
    _ server: ServerDefinition, _ file: TokenFile, _ now: Timestamp
  ) -> Line {
    var line = Line(server: server.id.name, kind: "program", state: "-")
    switch server.endpoint {
    case .stdio: return line
    case .bridge: line.kind = "bridge"
    case .http(let endpoint):
      switch endpoint.authorization {
      case .none:
        let hasToken = endpoint.headers.contains { $0.name.lowercased() == "authorization" }
        line.kind = hasToken ? "header" : "none"
      case .command: line.kind = "command"
      case .clientCredentials: line.kind = "client"
      case .oauth(let client):
        line.kind = "login"
        line.grant = endpoint.webAddress.flatMap { file.grant(for: $0, clientID: client.id) }
        line.state = state(line.grant, now)
      }
    }
    return line
  }

  private static func state(_ grant: OAuthGrant?, _ now: Timestamp) -> String {
    guard let grant else { return "no login" }
    guard grant.isOver(at: now, leeway: .zero) else { return "logged in" }
    return grant.refreshToken == nil ? "expired" : "to be renewed"
  }

  private static func json(_ lines: [Line]) -> String {
    var writer = JSONWriter()
    writer.object {
      $0.key("servers")
      $0.array { writer in
        for line in lines {
          writer.object {
            $0.member("server", line.server)
            $0.member("kind", line.kind)
            $0.member("state", line.state)
            $0.member("issuer", line.grant?.issuer)
            $0.member("scope", line.grant?.scopes.joined(separator: " "))
            $0.member("expiresAt", line.grant?.expiresAt?.rfc3339)
            $0.member("renewable", line.grant?.refreshToken != nil)
          }
        }
      }
    }
    return writer.json.text + "\n"
  }

  private static func table(_ rows: [[String]]) -> String {
    let widths = (rows.first ?? []).indices.map { column in
      rows.map { $0[column].count }.max() ?? 0
    }
    return rows.map { row in
      let cells = zip(row, widths).map { text, width in
        text + String(repeating: " ", count: width - text.count)
      }
      var line = Substring(cells.joined(separator: "  "))
      while line.hasSuffix(" ") { line.removeLast() }
      return line + "\n"
    }.joined()
  }
}

extension HTTPEndpoint {
  /// The address that tokens are kept under; nil for a socket.
  var webAddress: WebAddress? { WebAddress(String(url.prefix { $0 != "#" })) }
}

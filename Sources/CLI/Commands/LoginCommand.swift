import Adapters
import FleetModel
import Glibc
import Telemetry
import Wire

/// `mcpdash login`: the interactive way to a token.
struct LoginCommand {
  let context: CommandContext
  let request: LoginRequest

  func run() async throws(CommandFailure) {
    let (server, endpoint) = try context.httpServer(request.server)
    let client = try client(of: endpoint)
    let store = try context.tokenStore()
    let loop = EventLoop(name: "login")
    loop.start()
    let login = OAuthLogin(
      server: server, endpoint: endpoint, client: client, scopes: request.scopes,
      timeout: request.timeout, store: store, loop: loop)
    let (isJSON, console) = (request.isJSON, context.console)
    let result: Result<OAuthGrant, OAuthFault>
    do throws(OAuthFault) {
      let grant = try await login.run(input: STDIN_FILENO) { notice throws(OAuthFault) in
        try Self.tell(notice, isJSON: isJSON, console)
      }
      result = .success(grant)
    } catch {
      result = .failure(error)
    }
    await login.close()
    loop.stop()
    switch result {
    case .success(let grant): try show(grant)
    case .failure(let fault):
      throw CommandFailure(
        "cannot log in to \(request.server): \(fault.message)",
        fault.kind == .unavailable ? .unavailable : .failure)
    }
  }

  private func client(of endpoint: HTTPEndpoint) throws(CommandFailure) -> OAuthClient {
    let reason: String
    switch endpoint.authorization {
    case .oauth(let client): return client
    case .none: reason = "its credentials are in headers"
    case .command: reason = "a command prints its token"
    case .clientCredentials: reason = "it gets its tokens with client credentials, by itself"
    }
    throw CommandFailure("'\(request.server)' needs no login: \(reason)", .usage)
  }

  /// The address goes to standard output, for programs; what to do with it to standard error.
  private static func tell(
    _ notice: OAuthLogin.Notice, isJSON: Bool, _ console: Console
  ) throws(OAuthFault) {
    switch notice {
    case .open(let url, let redirect):
      var text = url + "\n"
      if isJSON {
        var writer = JSONWriter()
        writer.object { $0.member("authorizationUrl", url) }
        text = writer.json.text + "\n"
      } else {
        console.complaint("Open this address in a browser:\n")
      }
      do throws(FileError) { try console.output(Array(text.utf8)) } catch {
        throw OAuthFault(.unavailable, "cannot write: \(error.reason)")
      }
      guard !isJSON else { return }
      console.complaint(
        "\nThen it comes back to \(redirect). If it runs on another machine, paste the address it"
          + " ends at here.")
    case .foreign:
      console.complaint("mcpdash: that address is not of this login; still waiting")
    }
  }

  private func show(_ grant: OAuthGrant) throws(CommandFailure) {
    let scopes = grant.scopes.joined(separator: " ")
    guard !request.isJSON else {
      var writer = JSONWriter()
      writer.object {
        $0.member("server", request.server)
        $0.member("issuer", grant.issuer)
        $0.member("scope", scopes)
        $0.member("expiresAt", grant.expiresAt?.rfc3339)
        $0.member("renewable", grant.refreshToken != nil)
      }
      return try context.print(writer.json.text + "\n")
    }
    var text = "logged in to \(request.server) at \(PlainText.clean(grant.issuer))"
    if !scopes.isEmpty { text += ", for \(PlainText.clean(scopes))" }
    if let end = grant.expiresAt {
      text += ", until \(end.rfc3339)"
      if grant.refreshToken != nil { text += " and then renewed" }
    }
    try context.print(text + "\n")
  }
}

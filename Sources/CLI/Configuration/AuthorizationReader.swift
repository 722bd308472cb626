import FleetModel
import Wire

/// Reads how requests to one HTTP endpoint are authorised: `auth`, `oauth`, `headersHelper`.
struct AuthorizationReader {
  static let keys = ["auth", "oauth", "headersHelper"]
  static let kinds = ["bearer", "command", "clientCredentials", "oauth", "none"]
  static let clientKeys = [
    "clientId", "clientSecret", "callbackPort", "authServerMetadataUrl", "clientMetadataUrl",
    "scopes",
  ]
  static let credentialKeys = [
    "clientId", "clientSecret", "privateKey", "privateKeyFile", "algorithm",
    "authServerMetadataUrl", "scopes",
  ]
  static let commandKeys = ["command", "args", "env", "headers", "timeout"]
  static let algorithms = ["ES256", "RS256"]
  static let timeoutRange = Duration.milliseconds(100)...Duration.seconds(60)
  /// How long the program of `headersHelper` has, as Claude Code gives it.
  private static let helperTimeout = Duration.seconds(10)

  /// What an endpoint gets of it.
  struct Result {
    var authorization: Authorization
    /// The static headers, with the token that is written here.
    var headers: [HeaderField]
  }

  private let spot: Spot
  private let url: String
  /// nil for a socket, and for an address with a user and a password, which are credentials too.
  private let address: WebAddress?
  private var values: ValueReader

  init(server: ServerID, spot: Spot, url: String, context: FileContext) {
    self.spot = spot
    self.url = url
    address = WebAddress(String(url.prefix { $0 != "#" }))
    values = ValueReader(server: server, context: context)
  }

  var report: ConfigurationReport { values.report }

  /// What an entry that is not spoken to over HTTP is told.
  static func warnUnused(_ spot: Spot, _ reader: inout ValueReader) {
    for key in keys {
      guard let unused = spot[key] else { continue }
      reader.report.warn(
        unused, "'\(key)' is for url; give credentials to a program with env",
        server: reader.server)
    }
  }

  /// - Parameter headers: the static ones.
  mutating func read(beside headers: [HeaderField]) -> Result {
    let ownHeader = headers.contains { $0.name.lowercased() == "authorization" }
    var result = Result(
      authorization: ownHeader || address == nil
        ? .none : .oauth(OAuthClient()),
      headers: headers)
    checkCombination(hasHeader: ownHeader)
    if let helper = spot["headersHelper"] {
      result.authorization = helperCommand(helper).map { .command($0) } ?? .none
    } else if let auth = spot["auth"] {
      read(auth, into: &result)
    } else if let oauth = spot["oauth"] {
      result.authorization = .oauth(client(oauth, Self.clientKeys))
    }
    warnOfExposure(result, hasHeader: ownHeader)
    return result
  }

  // MARK: - What goes together

  private mutating func checkCombination(hasHeader: Bool) {
    let (auth, oauth, helper) = (spot["auth"], spot["oauth"], spot["headersHelper"])
    if let helper, let other = auth ?? oauth {
      values.fail(other, "does not go with headersHelper in \(place(helper)); remove one")
    }
    if let auth, let oauth, auth.value.string != "oauth" {
      values.fail(oauth, "does not go with auth in \(place(auth)); write auth: \"oauth\"")
    }
    guard hasHeader, let other = auth ?? oauth, other["type"]?.value.string != "none" else {
      return
    }
    values.fail(other, "does not go with an Authorization header in headers; remove one")
  }

  private func place(_ spot: Spot) -> String { "line \(spot.value.position.line)" }

  private mutating func warnOfExposure(_ result: Result, hasHeader: Bool) {
    guard let address else { return }
    let names = FormCoding.decode(address.query ?? "").map(\.name).filter(Self.isSecretName)
    if let name = names.first, let spot = spot["url"] {
      values.report.warn(
        spot,
        "the query's '\(name)' looks like a credential, which logs keep; send it in headers or"
          + " auth", server: values.server)
    }
    var sends = result.headers.contains { $0.name.lowercased() == "authorization" }
    if case .command = result.authorization { sends = true }
    if sends, address.scheme == .http, address.reach != .loopback, let spot = spot["url"] {
      values.report.warn(
        spot, "credentials go there unencrypted; write https", server: values.server)
    }
  }

  private static func isSecretName(_ name: String) -> Bool {
    let plain = name.lowercased().filter { $0.isLetter }
    return ["token", "accesstoken", "apikey", "key", "secret", "password", "auth", "jwt"]
      .contains(plain)
  }

  // MARK: - auth

  private mutating func read(_ auth: Spot, into result: inout Result) {
    if let text = auth.value.string {
      guard text == "oauth" else { return bearer(auth, into: &result) }
      result.authorization = .oauth(
        spot["oauth"].map { client($0, Self.clientKeys) } ?? OAuthClient())
      return
    }
    guard auth.members != nil else {
      values.fail(
        auth, "must be \"oauth\", a token, or an object with type, not \(auth.value.kind)")
      return
    }
    let written = auth["type"]
    let kind =
      written?.value.string
      ?? (written != nil
        ? ""
        : auth["token"] != nil
          ? "bearer"
          : auth["command"] != nil
            ? "command" : "")
    switch kind {
    case "bearer":
      guard allow(["token"], in: auth) else { return }
      guard let token = auth["token"] else {
        return values.fail(auth, "has no token; write token: \"${NAME}\"")
      }
      bearer(token, into: &result)
    case "command":
      guard allow(Self.commandKeys, in: auth) else { return }
      result.authorization = command(auth).map { .command($0) } ?? .none
    case "clientCredentials":
      result.authorization = .clientCredentials(credentials(auth))
    case "oauth": result.authorization = .oauth(client(auth, Self.clientKeys))
    case "none":
      if allow([], in: auth) { result.authorization = .none }
    default:
      let shown = written.map { "\($0.value.shown) is no kind of authorization" }
      let suggestion = Suggestion.phrase(for: kind, among: Self.kinds)
      values.fail(
        written ?? auth,
        (shown ?? "has no type") + "; write " + Self.kinds.dropLast().joined(separator: ", ")
          + " or none" + suggestion)
    }
  }

  private mutating func bearer(_ spot: Spot, into result: inout Result) {
    result.authorization = .none
    guard let text = values.filledText(spot, "write the token, such as \"${NAME}\"") else {
      return
    }
    let token = text.lowercased().hasPrefix("bearer ") ? String(text.dropFirst(7)) : text
    guard HTTPToken.isCredential(token) else {
      return values.fail(spot, "holds a space or a control character, as no token does")
    }
    result.headers.append(HeaderField(name: "Authorization", value: "Bearer \(token)"))
  }

  private mutating func command(_ auth: Spot) -> TokenCommand? {
    guard let spot = auth["command"] else {
      values.fail(auth, "has no command; name the program that prints the token")
      return nil
    }
    guard let program = values.filledText(spot, "name the program that prints the token") else {
      return nil
    }
    guard let printsHeaders = flag(auth["headers"]), let timeout = timeout(auth["timeout"]) else {
      return nil
    }
    return TokenCommand(
      command: program, arguments: values.list(auth["args"]), printsHeaders: printsHeaders,
      timeout: timeout, environment: values.environment(of: auth))
  }

  private mutating func flag(_ spot: Spot?) -> Bool? {
    guard let spot else { return false }
    if let flag = spot.value.bool { return flag }
    values.fail(spot, "\(spot.value.shown) is neither true nor false")
    return nil
  }

  private mutating func timeout(_ spot: Spot?) -> Duration? {
    guard let spot else { return TokenCommand.standardTimeout }
    let value = spot.value
    let time =
      value.number.flatMap(DurationText.duration) ?? value.string.flatMap(DurationText.read)
    if let time, Self.timeoutRange.contains(time) { return time }
    values.fail(spot, "\(value.shown) is not a time from 100ms to 1m")
    return nil
  }

  /// Claude Code gives it to a shell as it is written, with all its variables; it gets those that
  /// it names, and what Claude Code tells it of the server.
  private mutating func helperCommand(_ spot: Spot) -> TokenCommand? {
    guard let text = spot.value.string, !text.isEmpty else {
      values.fail(spot, "must be a command that prints headers, in quotes")
      return nil
    }
    let known = values.context.expansion.environment
    let named = Self.variables(in: text).compactMap { name in
      known[name].map { EnvironmentVariable(name: name, value: $0) }
    }
    return TokenCommand(
      command: "/bin/sh", arguments: ["-c", text], printsHeaders: true,
      timeout: Self.helperTimeout,
      environment: named + [
        EnvironmentVariable(name: "CLAUDE_CODE_MCP_SERVER_NAME", value: values.server.name),
        EnvironmentVariable(name: "CLAUDE_CODE_MCP_SERVER_URL", value: url),
      ])
  }

  /// What stands behind `$` and `${`, each once.
  private static func variables(in command: String) -> [String] {
    command.split(separator: "$", omittingEmptySubsequences: false).dropFirst()
      .map { part in
        String(
          part.drop { $0 == "{" }.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
        )
      }
      .reduce(into: []) { if !$1.isEmpty, !$0.contains($1) { $0.append($1) } }
  }

  // MARK: - OAuth

  private mutating func client(_ spot: Spot, _ keys: [String]) -> OAuthClient {
    guard spot.members != nil else {
      values.fail(spot, "must be an object such as {clientId: \"…\"}, not \(spot.value.kind)")
      return OAuthClient()
    }
    guard allow(keys, in: spot) else { return OAuthClient() }
    var client = OAuthClient()
    client.id = text("clientId", of: spot)
    client.secret = text("clientSecret", of: spot).map { Secret($0) }
    client.scopes = scopes(spot["scopes"])
    client.serverMetadataURL = address("authServerMetadataUrl", of: spot)
    client.metadataURL = address("clientMetadataUrl", of: spot)
    if let url = client.metadataURL, let spot = spot["clientMetadataUrl"],
      WebAddress(url)?.scheme != .https || ["", "/"].contains(WebAddress(url)?.path ?? "")
    {
      values.fail(spot, "must be an https address with a path")
    }
    if let port = spot["callbackPort"] {
      if let number = port.value.number.flatMap({ Int(exactly: $0) }), (1...65_535).contains(number)
      {
        client.callbackPort = number
      } else {
        values.fail(port, "\(port.value.shown) is no port from 1 to 65535")
      }
    }
    if client.id == nil, client.secret != nil, let secret = spot["clientSecret"] {
      values.fail(secret, "needs a clientId beside it")
    }
    return client
  }

  private mutating func credentials(_ auth: Spot) -> OAuthClient {
    var client = client(auth, Self.credentialKeys)
    if client.id == nil, auth["clientId"] == nil {
      values.fail(auth, "has no clientId; write the one that the authorization server knows")
    }
    client.privateKey = text("privateKey", of: auth).map { Secret($0) }
    if let file = auth["privateKeyFile"], let path = values.filledText(file, "name the file") {
      do throws(FileError) {
        let bytes = try values.context.read(values.context.resolve(path, in: file.file))
        client.privateKey = Secret(String(decoding: bytes, as: UTF8.self))
      } catch {
        values.fail(file, "the file cannot be read: \(error.reason)")
      }
    }
    let written = ["clientSecret", "privateKey", "privateKeyFile"].filter { auth[$0] != nil }
    if written.count != 1 {
      values.fail(
        auth,
        written.isEmpty
          ? "has no secret; write clientSecret, privateKey or privateKeyFile"
          : "has \(written.joined(separator: " and ")); leave one")
    }
    if let spot = auth["algorithm"] {
      if let name = spot.value.string, Self.algorithms.contains(name) {
        client.signingAlgorithm = name
      } else {
        values.fail(spot, "\(spot.value.shown) is neither ES256 nor RS256")
      }
    }
    return client
  }

  private mutating func text(_ key: String, of spot: Spot) -> String? {
    spot[key].flatMap { values.filledText($0, "write it or remove the key") }
  }

  private mutating func address(_ key: String, of spot: Spot) -> String? {
    guard let text = text(key, of: spot), let value = spot[key] else { return nil }
    guard WebAddress(text) != nil else {
      values.fail(value, "is no http or https address")
      return nil
    }
    return text
  }

  /// One text with spaces, or an array.
  private mutating func scopes(_ spot: Spot?) -> [String] {
    guard let spot else { return [] }
    let words =
      spot.value.string != nil
      ? values.text(spot)?.split(separator: " ").map(String.init) ?? [] : values.list(spot)
    let scopes = Scopes.union([], words)
    if scopes.count != Set(words).count {
      values.fail(spot, "holds something that is no scope: a word without quotes and backslashes")
    }
    return scopes
  }

  // MARK: - Keys

  /// Whether it holds `type` and these keys alone.
  private mutating func allow(_ keys: [String], in spot: Spot) -> Bool {
    let known = keys + ["type"]
    var isSound = true
    for (key, value) in spot.members ?? [] where !known.contains(key) {
      values.fail(value, "unknown key '\(key)'" + Suggestion.phrase(for: key, among: known))
      isSound = false
    }
    return isSound
  }
}

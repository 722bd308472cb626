import FleetModel
import Testing

@testable import CLI

/// What `auth`, `oauth` and `headersHelper` mean.
struct AuthorizationConfigurationTests {
  private static let environment = ["TOKEN": "t1", "SECRET": "s1", "NAME": "n"]

  private func load(
    _ entry: String, url: String = "https://m.example/mcp"
  ) -> (endpoint: HTTPEndpoint?, configuration: Configuration) {
    let configuration = ConfigurationBench.load(
      "{servers: {a: {url: '\(url)', \(entry)}}}", environment: Self.environment)
    guard case .http(let endpoint)? = configuration.servers.first?.endpoint else {
      return (nil, configuration)
    }
    return (endpoint, configuration)
  }

  private func authorization(_ entry: String) -> Authorization? {
    let (endpoint, configuration) = load(entry)
    #expect(configuration.errorTexts.isEmpty)
    #expect(configuration.warningTexts.isEmpty)
    return endpoint?.authorization
  }

  @Test func `a login is possible where nothing is said, and with a header it is not`() {
    #expect(authorization("") == .oauth(OAuthClient()))
    #expect(authorization("headers: {'X-Key': 'k'}") == .oauth(OAuthClient()))
    #expect(authorization("headers: {authorization: 'Bearer ${TOKEN}'}") == Authorization.none)
    #expect(authorization("auth: {type: 'none'}") == Authorization.none)
    #expect(load("", url: "unix:///s.sock#/mcp").endpoint?.authorization == Authorization.none)
  }

  @Test(arguments: [
    "auth: '${TOKEN}'", "auth: 'Bearer ${TOKEN}'", "auth: {token: '${TOKEN}'}",
    "auth: {type: 'bearer', token: '${TOKEN}'}",
  ])
  func `a token is a header`(entry: String) {
    let (endpoint, configuration) = load(entry)
    #expect(configuration.errorTexts.isEmpty)
    #expect(endpoint?.authorization == Authorization.none)
    #expect(endpoint?.headers == [HeaderField(name: "Authorization", value: "Bearer t1")])
  }

  @Test(arguments: ["auth: 'oauth', oauth: ", "oauth: ", "auth: "])
  func `a client is read in every form`(start: String) {
    let kind = start == "auth: " ? "type: 'oauth'," : ""
    let client = OAuthClient(
      id: "c", secret: Secret("s1"), scopes: ["a", "b"],
      serverMetadataURL: "https://sso.example/meta", callbackPort: 8080)
    #expect(
      authorization(
        start
          + "{\(kind) clientId: 'c', clientSecret: '${SECRET}', callbackPort: 8080, scopes: 'a b',"
          + " authServerMetadataUrl: 'https://sso.example/meta'}") == .oauth(client))
    #expect(authorization("auth: 'oauth'") == .oauth(OAuthClient()))
    #expect(
      authorization("oauth: {scopes: ['a'], clientMetadataUrl: 'https://me.example/c.json'}")
        == .oauth(OAuthClient(metadataURL: "https://me.example/c.json", scopes: ["a"])))
  }

  @Test func `client credentials have a secret or a key`() {
    #expect(
      authorization("auth: {type: 'clientCredentials', clientId: 'c', clientSecret: '${SECRET}'}")
        == .clientCredentials(OAuthClient(id: "c", secret: Secret("s1"))))
    let bench = ConfigurationBench(files: [
      "/d/m.json5":
        "{servers: {a: {url: 'https://m/', auth: {type: 'clientCredentials', clientId: 'c',"
        + " privateKeyFile: 'k.pem', algorithm: 'RS256', scopes: 'x'}}}}",
      "/d/k.pem": "PEM",
    ])
    let configuration = bench.load(["/d/m.json5"])
    #expect(
      configuration.servers.first?.endpoint
        == .http(
          HTTPEndpoint(
            url: "https://m/",
            authorization: .clientCredentials(
              OAuthClient(
                id: "c", privateKey: Secret("PEM"), signingAlgorithm: "RS256", scopes: ["x"])))))
  }

  @Test func `a command prints a token, without a shell`() {
    #expect(
      authorization(
        "auth: {type: 'command', command: 'op', args: ['read', '${NAME}'], env: {K: '${SECRET}'},"
          + " headers: true, timeout: '3s'}")
        == .command(
          TokenCommand(
            command: "op", arguments: ["read", "n"], printsHeaders: true, timeout: .seconds(3),
            environment: [EnvironmentVariable(name: "K", value: "s1")])))
  }

  @Test func `Claude Code's helper goes to a shell as it is written`() {
    #expect(
      authorization("headersHelper: 'tool $TOKEN \"${SECRET}\" ${UNSET} $'")
        == .command(
          TokenCommand(
            command: "/bin/sh", arguments: ["-c", "tool $TOKEN \"${SECRET}\" ${UNSET} $"],
            printsHeaders: true, timeout: .seconds(10),
            environment: [
              EnvironmentVariable(name: "TOKEN", value: "t1"),
              EnvironmentVariable(name: "SECRET", value: "s1"),
              EnvironmentVariable(name: "CLAUDE_CODE_MCP_SERVER_NAME", value: "a"),
              EnvironmentVariable(
                name: "CLAUDE_CODE_MCP_SERVER_URL", value: "https://m.example/mcp"),
            ])))
    #expect(
      load("headers: {Authorization: 'Bearer x'}, headersHelper: 'h'").configuration.errorTexts
        .isEmpty, "what it prints overrules the header")
  }

  @Test(arguments: [
    ("auth: 5", "auth: must be \"oauth\", a token, or an object with type, not a number"),
    ("auth: ''", "auth: is empty; write the token, such as \"${NAME}\""),
    ("auth: 'a b'", "auth: holds a space or a control character, as no token does"),
    ("auth: '${MISSING}'", "the variable MISSING is not set"),
    ("auth: {}", "auth: has no type; write bearer, command, clientCredentials, oauth or none"),
    (
      "auth: {type: 'oath'}",
      "'oath' is no kind of authorization; write bearer, command,"
        + " clientCredentials, oauth or none; did you mean 'oauth'?"
    ),
    ("auth: {type: 'bearer'}", "auth: has no token; write token: \"${NAME}\""),
    ("auth: {token: 't', scopes: 'a'}", "auth.scopes: unknown key 'scopes'"),
    ("auth: {type: 'none', token: 't'}", "auth.token: unknown key 'token'"),
    ("auth: {type: 'command'}", "auth: has no command; name the program that prints the token"),
    ("auth: {command: 'x', timeout: '2m'}", "'2m' is not a time from 100ms to 1m"),
    ("auth: {command: 'x', headers: 'yes'}", "'yes' is neither true nor false"),
    ("auth: {type: 'clientCredentials', clientSecret: 's'}", "auth: has no clientId"),
    ("auth: {type: 'clientCredentials', clientId: 'c'}", "auth: has no secret"),
    (
      "auth: {type: 'clientCredentials', clientId: 'c', clientSecret: 's', privateKey: 'k'}",
      "has clientSecret and privateKey; leave one"
    ),
    (
      "auth: {type: 'clientCredentials', clientId: 'c', privateKey: 'k', algorithm: 'HS256'}",
      "'HS256' is neither ES256 nor RS256"
    ),
    (
      "auth: {type: 'clientCredentials', clientId: 'c', privateKeyFile: '/no.pem'}",
      "auth.privateKeyFile: the file cannot be read: No such file or directory"
    ),
    ("oauth: 'x'", "oauth: must be an object such as {clientId: \"…\"}, not a string"),
    ("oauth: {clientID: 'x'}", "unknown key 'clientID'; did you mean 'clientId'?"),
    ("oauth: {clientSecret: 's'}", "oauth.clientSecret: needs a clientId beside it"),
    ("oauth: {callbackPort: 0}", "0 is no port from 1 to 65535"),
    ("oauth: {authServerMetadataUrl: 'x'}", "is no http or https address"),
    ("oauth: {clientMetadataUrl: 'http://me/c'}", "must be an https address with a path"),
    ("oauth: {scopes: ['a\"b']}", "holds something that is no scope"),
    ("headersHelper: 7", "headersHelper: must be a command that prints headers, in quotes"),
    ("headersHelper: 'h', auth: 'oauth'", "auth: does not go with headersHelper in line 1"),
    ("headersHelper: 'h', oauth: {}", "oauth: does not go with headersHelper in line 1"),
    ("auth: 't', oauth: {}", "oauth: does not go with auth in line 1; write auth: \"oauth\""),
    (
      "headers: {Authorization: 'x'}, auth: 't'",
      "auth: does not go with an Authorization header in headers; remove one"
    ),
    ("headers: {AUTHORIZATION: 'x'}, oauth: {}", "oauth: does not go with an Authorization header"),
  ])
  func `a mistake is told with its place and leaves the server out`(entry: String, words: String) {
    let configuration = load(entry).configuration
    #expect(configuration.servers.isEmpty)
    #expect(configuration.errorTexts.contains { $0.contains(words) }, "\(configuration.errorTexts)")
    #expect(configuration.errorTexts.allSatisfy { $0.hasPrefix("m.json5:1:") })
    #expect(configuration.errorTexts.allSatisfy { !$0.contains("t1") && !$0.contains("s1") })
  }

  @Test(arguments: [
    ("https://m.example/mcp?api_key=secret1", "", "the query's 'api_key' looks like a credential"),
    ("https://m.example/mcp?a=b&access_token=secret1", "", "the query's 'access_token'"),
    ("http://m.example/mcp", "auth: '${TOKEN}'", "credentials go there unencrypted; write https"),
    ("http://m.example/mcp", "headersHelper: 'h'", "credentials go there unencrypted"),
  ])
  func `a credential where others may read it is warned of`(
    url: String, entry: String, words: String
  ) {
    let configuration = load(entry, url: url).configuration
    #expect(configuration.servers.count == 1)
    #expect(configuration.warningTexts.contains { $0.contains(words) })
    #expect(configuration.warningTexts.allSatisfy { !$0.contains("secret1") })
  }

  @Test(arguments: ["http://127.0.0.1:5/mcp", "http://localhost/mcp", "https://m.example/mcp"])
  func `a credential on this machine or over TLS is not`(url: String) {
    #expect(load("auth: '${TOKEN}'", url: url).configuration.warningTexts.isEmpty)
  }

  @Test func `a program is given its credentials otherwise`() {
    let configuration = ConfigurationBench.load("{servers: {a: {command: 'x', auth: 'oauth'}}}")
    #expect(configuration.servers.count == 1)
    #expect(
      configuration.warningTexts.contains {
        $0.contains("'auth' is for url; give credentials to a program with env")
      })
  }
}

/// How requests to an HTTP server are authorised, beside its static headers.
package enum Authorization: Hashable, Sendable {
  /// By the static headers alone.
  case none
  /// A program prints the token, or a JSON object of headers.
  case command(TokenCommand)
  /// OAuth 2.1 without a person: the program itself is the client.
  case clientCredentials(OAuthClient)
  /// OAuth 2.1 with PKCE: uses what `mcpdash login` stored, and never begins a login by itself.
  case oauth(OAuthClient)
}

/// A program that prints credentials to its standard output.
package struct TokenCommand: Hashable, Sendable {
  /// Never through a shell, unless the operator names one.
  package var command: String
  package var arguments: [String]
  /// The output is an object of headers instead of a bearer token.
  package var printsHeaders: Bool
  package var timeout: Duration
  /// Beside the short list that every child gets; may hold secrets.
  package var environment: [EnvironmentVariable]

  package static let standardTimeout = Duration.seconds(10)

  package init(
    command: String, arguments: [String] = [], printsHeaders: Bool = false,
    timeout: Duration = standardTimeout, environment: [EnvironmentVariable] = []
  ) {
    self.command = command
    self.arguments = arguments
    self.printsHeaders = printsHeaders
    self.timeout = timeout
    self.environment = environment
  }
}

/// What is known of our client at an authorization server; all of it can be found out or is asked
/// for where it is nil.
package struct OAuthClient: Hashable, Sendable {
  package var id: String?
  package var secret: Secret?
  /// PEM, for `private_key_jwt`.
  package var privateKey: Secret?
  /// Of the assertion: `ES256` or `RS256`.
  package var signingAlgorithm: String?
  /// An https URL that serves our client metadata document.
  package var metadataURL: String?
  package var scopes: [String]
  /// Where the authorization server's metadata are, instead of where discovery finds them.
  package var serverMetadataURL: String?
  /// The loopback port that a login listens on; nil is any free one.
  package var callbackPort: Int?

  package init(
    id: String? = nil, secret: Secret? = nil, privateKey: Secret? = nil,
    signingAlgorithm: String? = nil, metadataURL: String? = nil, scopes: [String] = [],
    serverMetadataURL: String? = nil, callbackPort: Int? = nil
  ) {
    self.id = id
    self.secret = secret
    self.privateKey = privateKey
    self.signingAlgorithm = signingAlgorithm
    self.metadataURL = metadataURL
    self.scopes = scopes
    self.serverMetadataURL = serverMetadataURL
    self.callbackPort = callbackPort
  }
}

/// A text that no description, log or screen shows.
package struct Secret: Hashable, Sendable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  package var value: String

  package init(_ value: String) { self.value = value }

  package var description: String { "•••" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: []) }
}

/// How dead letters are kept.
package struct DeadLetterPolicy: Hashable, Sendable {
  /// Where they are.
  package var place: DeadLetterPlace?
  /// From the call's end to the letter's.
  package var lifetime = Duration.seconds(7 * 86_400)
  /// Letters of all states kept; the oldest go when there are more. 1 to 10,000,000.
  package var entryLimit = 100_000
  /// Members of the params, at any depth, that are not kept.
  package var secrets = SecretField.standard
  package var processor = LetterProcessor()

  package init() {}
}

/// Where dead letters are kept.
package enum DeadLetterPlace: Hashable, Sendable {
  /// An SQLite file.
  case file(String)
  case redis(RedisAddress)
}

/// One database of a Redis server.
package struct RedisAddress: Hashable, Sendable, CustomStringConvertible {
  package enum Host: Hashable, Sendable {
    case network(String, port: Int)
    case socket(path: String)
  }

  package var host: Host
  /// Of an access-control list; nil is the default user.
  package var user: String?
  package var password: Secret?
  package var database: Int
  package var usesTLS: Bool

  package init(
    _ host: Host, user: String? = nil, password: Secret? = nil, database: Int = 0,
    usesTLS: Bool = false
  ) {
    self.host = host
    self.user = user
    self.password = password
    self.database = database
    self.usesTLS = usesTLS
  }

  /// Without credentials: `redis://127.0.0.1:6379/0`.
  package var description: String {
    switch host {
    case .network(let name, let port):
      let host = name.contains(":") ? "[\(name)]" : name
      return "\(usesTLS ? "rediss" : "redis")://\(host):\(port)/\(database)"
    case .socket(let path): return "unix://\(path)#\(database)"
    }
  }
}

/// A member of calls' params whose value is a secret.
package struct SecretField: Hashable, Sendable {
  /// Of the member, in any case of its letters, at any depth.
  package var name: String
  /// What a replay puts in its place; nil where an operator must edit the arguments first.
  package var value: Secret?

  package init(_ name: String, value: Secret? = nil) { (self.name, self.value) = (name, value) }

  /// Never kept, whatever the configuration says.
  package static let standard = [
    "authorization", "proxy-authorization", "cookie", "set-cookie", "token", "access_token",
    "accessToken", "refresh_token", "refreshToken", "id_token", "idToken", "auth_token",
    "authToken", "api_token", "apiToken", "bearer_token", "bearerToken", "session_token",
    "sessionToken", "x-auth-token", "client_secret", "clientSecret", "secret", "secret_key",
    "secretKey", "api_key", "apikey", "api-key", "x-api-key", "private_key", "privateKey",
    "password", "passwd", "pwd", "passphrase",
  ].map { SecretField($0) }
}

/// Sends letters again without a person: those that a rule allows, and never one that may have
/// executed on a tool that is not declared idempotent.
package struct LetterProcessor: Hashable, Sendable {
  /// What must hold of a letter; what is nil counts for all.
  package struct Rule: Hashable, Sendable {
    package var server: ServerID?
    package var tool: String?
    package var kind: String?
    package var deliveries: Set<Delivery>
    /// Since its last attempt.
    package var minimumAge: Duration
    /// Replays it may have had already.
    package var replayLimit: Int

    package init(
      server: ServerID? = nil, tool: String? = nil, kind: String? = nil,
      deliveries: Set<Delivery> = [.notSent, .refused], minimumAge: Duration = .zero,
      replayLimit: Int = 3
    ) {
      self.server = server
      self.tool = tool
      self.kind = kind
      self.deliveries = deliveries
      self.minimumAge = minimumAge
      self.replayLimit = replayLimit
    }
  }

  package var isOn = false
  /// From the end of one run to the begin of the next; a second to a day.
  package var interval = Duration.seconds(300)
  /// One that fits is enough; without rules every letter that was not sent or was refused.
  package var rules = [Rule()]
  /// Letters of one run at most.
  package var runLimit = 1000

  package init() {}
}

import FleetModel

/// What the operator asked for, checked and complete: the second stage of the command line.
struct Invocation: Hashable, Sendable {
  var action: Action
  var options: GlobalOptions

  enum Action: Hashable, Sendable {
    case dashboard
    case demo(seed: UInt64, picture: PictureRequest? = nil)
    case snapshot(SnapshotRequest)
    case servers(isJSON: Bool)
    case tools(ToolsRequest)
    case call(CallRequest)
    case breakerList(isJSON: Bool)
    /// Of every server if none is named.
    case breaker(BreakerChange, servers: [String])
    case reconnect(server: String)
    case trust(server: String)
    case toolHive(ToolHiveRequest)
    case login(LoginRequest)
    case logout(server: String)
    case authorizationStatus(isJSON: Bool)
    case cacheList(server: String?, isJSON: Bool)
    case cacheClear(CacheSelection)
    case statistics(server: String?, isJSON: Bool)
    case deadLetters(DeadLetterRequest)
    case check(CheckRequest)
    case checkConfiguration(isJSON: Bool)
    case schema
    case simulate(SimulateRequest)
    case manual
    case completions(Shell)
    case version
    /// The commands to explain; empty for the whole program.
    case help([CommandName])
  }

  enum BreakerChange: Hashable, Sendable {
    case hold(OverrideRequest)
    case reset
  }

  enum Shell: String, Hashable, Sendable, CaseIterable { case bash, zsh, fish }
}

struct OverrideRequest: Hashable, Sendable {
  var kind: BreakerOverride.Kind
  var reason = ""
  /// nil: whoever runs the program.
  var owner: String?
  var timeToLive = BreakerOverride.standardTimeToLive
}

struct PictureRequest: Hashable, Sendable {
  var path: String
  var columns = 120
  var rows = 40
}

struct SimulateRequest: Hashable, Sendable {
  var seed: UInt64
  /// So many from `seed` on; nil is that one, told in full.
  var seeds: Int?
  var isDigest = false
}

struct SnapshotRequest: Hashable, Sendable {
  enum Format: String, Hashable, Sendable, CaseIterable { case json, text, prometheus }

  var format: Format
  var wait: Duration
  /// nil: once.
  var interval: Duration?
  /// nil: no end.
  var count: Int?
}

struct CheckRequest: Hashable, Sendable {
  /// The configuration alone.
  var isOffline = false
  var wait = InvocationReader.standardWait
  var isQuiet = false
  var isJSON = false
}

struct ToolHiveRequest: Hashable, Sendable {
  enum Verb: Hashable, Sendable {
    /// Those that do not run, too.
    case list(all: Bool)
    case show(String)
    case registry(String)
    case install(String)
    case start(String)
    case stop(String)
    case restart(String)
    case logs(String)
  }

  static let standardRegistry = "default"

  var verb: Verb
  var isJSON: Bool
}

struct ToolsRequest: Hashable, Sendable {
  /// nil: of all servers.
  var server: String?
  /// nil: all of the server's.
  var tool: String?
  var timeout: Duration?
  var isJSON: Bool
}

struct LoginRequest: Hashable, Sendable {
  static let standardTimeout = Duration.seconds(300)

  var server: String
  /// Beside those of the token so far.
  var scopes: [String] = []
  var timeout = LoginRequest.standardTimeout
  var isJSON = false
}

/// Where a caller's own token is; never the token itself, which others could read in the process
/// list.
enum TokenPlace: Hashable, Sendable {
  case variable(String)
  case file(String)
}

struct CallRequest: Hashable, Sendable {
  enum Arguments: Hashable, Sendable {
    case json(JSONText)
    case standardInput
  }

  var server: String
  var tool: String
  var arguments: Arguments
  var timeout: Duration?
  /// No progress is told.
  var isQuiet = false
  /// Sent in the place of the configured authorization.
  var token: TokenPlace?
  var isJSON: Bool
}

/// What flags and environment say for every command; nil where the file or the built-in value
/// counts.
struct GlobalOptions: Hashable, Sendable {
  var configurationFiles: [String] = []
  /// Whether files of other programs are looked for.
  var discovers: Bool?
  var stateDirectory: String?
  var theme: String?
  var isColorless = false
  var isASCII = false
  var mouse: Bool?
  var refresh: Duration?
  var discovery = DiscoveryOptions()
  var letterStore = LetterStoreOptions()

  static let standardRefresh = Duration.seconds(1)

  /// Flag and environment before file before built-in.
  func refresh(_ settings: Configuration.Settings) -> Duration {
    refresh ?? settings.refresh ?? Self.standardRefresh
  }

  func mouse(_ settings: Configuration.Settings) -> Bool { mouse ?? settings.mouse ?? false }

  func theme(_ settings: Configuration.Settings) -> String? { theme ?? settings.theme }
}

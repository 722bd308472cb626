import FleetModel

/// All that files say, variables expanded, with what is wrong in them.
struct Configuration: Hashable, Sendable {
  /// Those that are fit to run, in the order of the files.
  var servers: [ServerDefinition] = []
  var settings = Settings()
  var warnings: [ConfigurationProblem] = []
  /// One with a server leaves that server out, one that is borne a setting; any other makes the
  /// whole configuration unusable.
  var errors: [ConfigurationProblem] = []
  /// The files that were read, in that order.
  var files: [String] = []
  /// Where was looked, in the order of precedence, whether there was a file or not.
  var sources: [ConfigurationSource] = []
  /// Files that servers name, such as their `envFile`, whether they could be read or not.
  var companions: [String] = []
  /// What the servers were made of, to make them again with those that other sources find.
  var plan = FleetPlan()

  /// What each file that counts was when it was read; of a missing one too.
  var stamps: [String: FileStamp?] = [:]

  /// There is something to run, and nothing that concerns all servers is wrong.
  var isUsable: Bool { (!servers.isEmpty || plan.isOpen) && isSound }

  /// Nothing that concerns all servers is wrong.
  var isSound: Bool { errors.allSatisfy { $0.server != nil || $0.isBorne } }

  /// What holds for the whole program; nil where no file says.
  struct Settings: Hashable, Sendable {
    /// Whether files of other programs are looked for.
    var discovers: Bool?
    var theme: String?
    var mouse: Bool?
    /// Time between two pictures of the dashboard.
    var refresh: Duration?
    /// Where this engine is; among endpoints of equal priority those at the same place come first.
    var locality: String?
    var deadLetters = DeadLetterSettings()
    /// Of `toolhive`.
    var discovery = DiscoveryOptions()
  }

  static let refreshRange = Duration.milliseconds(100)...Duration.seconds(60)
}

package import FleetModel
package import TerminalUI

/// Everything the screen depends on beside the snapshot: one local variable of the dashboard's
/// loop.
package struct ViewState: Sendable {
  /// The servers of the configuration, shown until the first snapshot comes.
  package let configured: [ServerID]
  /// The names `T` goes through.
  package let themes: [String]
  package private(set) var themeName: String
  /// The signs to draw with; whoever loads a theme sets them.
  package var glyphs: Glyphs.Kind
  /// Time between two points of a series.
  package let sampleInterval: Duration
  /// Who overrides are signed with.
  package let owner: String
  package internal(set) var size: Size

  var latest: Snapshot?
  /// The picture the screen stays at while paused.
  var frozen: Snapshot?
  var pages: [Page] = []
  var overlay: Overlay?
  /// By name, so that it stays on a server whatever comes and goes around it; one that comes back
  /// is selected again.
  var selection: ServerID?
  /// Where the selected server was last seen.
  var selectedRow = 0
  var sortColumn: FleetColumn?
  var isReversed = false
  var filter = ""
  var isEditingFilter = false
  var focus = Panel.fleet
  var isZoomed = false
  var slots = Arrangement.Slots()
  /// The first row of the fleet table on the screen.
  var fleetTop = 0
  /// The first row of a server's page on the screen.
  var serverTop = 0
  /// The number of the lowest event on the screen; nil follows the newest.
  var eventAnchor: UInt64?
  var refreshStep = ViewState.refreshIntervals.count / 2
  var answer: CommandAnswer?
  /// The number of the last question to the store or the engine.
  var lastQuestion = 0
  /// Replays whose results the operator has seen enough of.
  var dismissedReplays: Set<Int> = []
  /// Keys that began a longer chord.
  var pendingKeys: [Key] = []

  /// Refresh intervals `+` and `-` go through.
  package static let refreshIntervals: [Duration] = [
    .seconds(10), .seconds(5), .seconds(2), .seconds(1), .milliseconds(500), .milliseconds(200),
    .milliseconds(100),
  ]
  /// How long the answer to a command stays on the screen.
  static let answerSeconds: Int64 = 8
  /// Characters of an owner's name and of a reason.
  static let typedLimit = 200
  /// Pages one may be deep: a server, its letters.
  static let pageLimit = 4

  /// What came of a command.
  struct CommandAnswer: Hashable, Sendable {
    enum Kind {
      case done, partly, refused
      /// Nobody knows yet what comes of it; it stays until somebody does.
      case underWay
    }

    var text: String
    var kind: Kind
    /// By the snapshots' time; nil before the first.
    var since: Timestamp?
  }

  package init(
    size: Size, configured: [ServerID] = [], themes: [String] = BuiltinThemes.names,
    themeName: String = "okabe", glyphs: Glyphs.Kind = .unicode,
    sampleInterval: Duration = .seconds(1), owner: String = "mcpdash"
  ) {
    self.size = size
    self.configured = configured
    self.themes = themes
    self.themeName = themeName
    self.glyphs = glyphs
    self.sampleInterval = sampleInterval
    var clean = ""
    for character in owner.prefix(Self.typedLimit) {
      _ = clean.edit(.character(character), limit: Self.typedLimit)
    }
    self.owner = clean.isEmpty ? "mcpdash" : clean
  }

  /// How often the screen wants a new snapshot.
  package var refreshInterval: Duration { Self.refreshIntervals[refreshStep] }

  package var isPaused: Bool { frozen != nil }

  /// The picture on the screen.
  var shown: Snapshot? { frozen ?? latest }

  var scope: Action.Scope {
    switch pages.last {
    case nil: .fleet
    case .server: .server
    case .deadLetters: .deadLetters
    }
  }

  func rows(of snapshot: Snapshot) -> FleetRows {
    FleetRows(snapshot.servers, filter: filter, column: sortColumn, isReversed: isReversed)
  }

  /// The server that commands mean: the page's, else the selected row's.
  var target: ServerSnapshot? {
    guard let shown else { return nil }
    if case .server(let id) = pages.last { return shown.server(id) }
    let rows = rows(of: shown)
    return selectedIndex(in: rows).map { rows.servers[$0] }
  }

  func selectedIndex(in rows: FleetRows) -> Int? {
    rows.index(of: selection, lastAt: selectedRow)
  }

  mutating func nextTheme() -> [Effect] {
    guard !themes.isEmpty else { return [] }
    let index = themes.firstIndex(of: themeName).map { ($0 + 1) % themes.count } ?? 0
    themeName = themes[index]
    return [.setTheme(themeName)]
  }
}

import FleetModel

/// One file that servers may be in, and what it gave.
struct ConfigurationSource: Hashable, Sendable {
  /// Whose file it is; decides its shape and how variables in it are expanded.
  enum Program: String, Hashable, Sendable, CaseIterable {
    case mcpdash, claudeDesktop, claudeCode, vsCode, cursor, fastMCP, other
  }

  enum State: Hashable, Sendable {
    case absent
    /// Why it could not be read or used at all.
    case unusable(String)
    case read
  }

  var path: String
  var program: Program
  var state: State
  /// Those that are run from it.
  var servers: [ServerID] = []
  /// Those that the file, or one of our own, switches off, by their written names.
  var disabled: [String] = []

  var isUnusable: Bool {
    switch state {
    case .unusable: true
    case .absent, .read: false
    }
  }

  /// What tells servers of one name apart.
  var label: String {
    switch program {
    case .other: path.split(separator: "/").last.map(String.init) ?? path
    case .mcpdash, .claudeDesktop, .claudeCode, .vsCode, .cursor, .fastMCP: program.label
    }
  }
}

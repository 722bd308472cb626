import FleetModel

/// What is read in a file of another program: its servers and the questions about them, wherever
/// the program puts them; all else is passed over, however large.
struct ForeignShape: Sendable {
  let program: ConfigurationSource.Program
  /// Absolute; projects of this directory and of those it is in count.
  let directory: String

  /// nil for files of our own shape, which are read whole.
  static func of(
    _ program: ConfigurationSource.Program, in directory: String
  ) -> ForeignShape? {
    switch program {
    case .mcpdash, .other: nil
    case .claudeDesktop, .claudeCode, .vsCode, .cursor, .fastMCP:
      ForeignShape(program: program, directory: directory)
    }
  }

  var selection: JSON5Selection {
    // Servers may stand at the root of a FastMCP file, under any name.
    if program == .fastMCP { return .members { _ in .all } }
    let projects = Set(self.projects)
    return .members { key in
      switch key {
      case "mcpServers", "servers", "inputs", "defaults", "policies": .all
      case "projects":
        .members { project in
          guard projects.contains(project) else { return nil }
          return .members { $0 == "mcpServers" ? .all : nil }
        }
      default: nil
      }
    }
  }

  /// The objects that hold servers by name, those that count first in the program itself first.
  func servers(in root: Spot) -> [Spot] {
    let listed = ["mcpServers", "servers"].compactMap { root[$0] }
    switch program {
    case .claudeCode:
      let local = projects.compactMap { root["projects"]?[$0]?["mcpServers"] }
      return local + listed
    case .fastMCP where listed.isEmpty:
      // The same file may describe a server that FastMCP runs itself; that has no such members.
      let servers = (root.value.members ?? []).filter {
        $0.value["command"]?.string != nil || $0.value["url"]?.string != nil
      }
      guard !servers.isEmpty else { return [] }
      var spot = root
      spot.value.content = .object(servers)
      return [spot]
    case .claudeDesktop, .vsCode, .cursor, .fastMCP, .mcpdash, .other: return listed
    }
  }

  /// The variables as this program puts them in.
  func expansion(_ environment: [String: String], in root: Spot) -> VariableExpansion {
    var expansion = VariableExpansion(environment: environment, asking: root["inputs"])
    guard program == .vsCode || program == .cursor else { return expansion }
    expansion.isEditors = true
    expansion.predefined = [
      "workspaceFolder": directory, "cwd": directory, "pathSeparator": "/", "/": "/",
      "workspaceFolderBasename": directory.split(separator: "/").last.map(String.init) ?? "/",
    ]
    if let home = environment["HOME"] { expansion.predefined["userHome"] = home }
    return expansion
  }

  /// This directory and those it is in, the nearest first.
  private var projects: [String] {
    var found: [String] = []
    var rest = directory[...]
    while let slash = rest.lastIndex(of: "/") {
      found.append(String(rest))
      rest = rest[..<slash]
    }
    return found + ["/"]
  }
}

extension ConfigurationSource.Program {
  /// By the name of the file and its place.
  init(path: String) {
    let parts = path.split(separator: "/").suffix(3).map(String.init)
    let name = parts.last ?? ""
    let directory = parts.dropLast().last ?? ""
    switch name {
    case ".mcp.json", ".claude.json": self = .claudeCode
    case "claude_desktop_config.json": self = .claudeDesktop
    case "mcp.json" where directory == ".cursor": self = .cursor
    case "mcp.json" where directory == ".vscode" || parts.dropLast(2).last == "Code":
      self = .vsCode
    case "fastmcp.json": self = .fastMCP
    default: self = name.hasSuffix(".json5") ? .mcpdash : .other
    }
  }

  /// What tells servers of one name apart.
  var label: String {
    switch self {
    case .mcpdash: "mcpdash"
    case .claudeDesktop: "claude desktop"
    case .claudeCode: "claude code"
    case .vsCode: "vscode"
    case .cursor: "cursor"
    case .fastMCP: "fastmcp"
    case .other: "other"
    }
  }
}

/// Which module may import what: the table of the architecture.
enum ImportRules {
  static let all = [importsPointDown]

  /// Our own modules and the C libraries each module may see.
  static let allowed: [String: Set<String>] = [
    "FleetModel": [],
    "TerminalUI": [],
    "Resilience": ["FleetModel"],
    "Wire": ["FleetModel", "CSimdjson"],
    "Telemetry": ["FleetModel"],
    "Dashboard": ["FleetModel", "TerminalUI"],
    "Engine": ["FleetModel", "Resilience", "Wire", "Telemetry"],
    "Gateway": ["FleetModel", "Wire", "Telemetry"],
    "Adapters": [
      "FleetModel", "TerminalUI", "Wire", "Engine", "Gateway", "CLinux", "CCurl", "CHTTPParser",
      "CCrypto", "CSQLite", "CHiredis", "CNCurses",
    ],
    "Simulation": ["FleetModel", "Resilience", "Engine"],
    "CLI": [
      "FleetModel", "TerminalUI", "Wire", "Telemetry", "Dashboard", "Engine", "Gateway", "Adapters",
      "Simulation",
    ],
    "mcpdash": ["CLI"],
    "FaultServer": ["FleetModel", "Wire", "Adapters"],
    "mcpdash-faultserver": ["FaultServer"],
    "Conformance": ["FleetModel", "Wire", "Engine", "Adapters"],
    "mcpdash-conformance": ["Conformance"],
    "benchmark": [
      "FleetModel", "Resilience", "Wire", "Telemetry", "Engine", "Adapters", "Simulation",
      // To measure beside.
      "CSQLite",
      "CHiredis",
    ],
  ]

  /// Modules of the system; a pure module needs none of them.
  static let system: Set<String> = ["Dispatch", "Foundation", "Glibc", "Synchronization"]

  static let importsPointDown = HouseRule(
    name: "imports point down, and pure modules import ours only"
  ) { file in
    guard file.isSwiftSource, let module = file.module else { return [] }
    return file.linesOfCode(with: "import").compactMap { line in
      guard let imported = importedModule(file.code[line - 1]) else { return nil }
      let isAllowed =
        allowed[module]?.contains(imported) == true
        || !PurityRules.isPure(file) && system.contains(imported)
      return isAllowed
        ? nil : Violation(path: file.path, line: line, found: "import \(imported)")
    }
  }

  /// The module of an import declaration: `package import struct Foundation.Data` is `Foundation`.
  static func importedModule(_ line: String) -> String? {
    var words = line.split(separator: " ")[...]
    while let first = words.first, first.hasPrefix("@") || first == "package" {
      words.removeFirst()
    }
    guard words.popFirst() == "import" else { return nil }
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let"]
    if let kind = words.first, kinds.contains(kind) { words.removeFirst() }
    return words.first?.split(separator: ".").first.map(String.init)
  }
}

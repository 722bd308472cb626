// swift-tools-version: 6.2
import PackageDescription

/// One list of strict settings for every target: Swift 6 mode comes with the tools version.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// A module of the house; what it may import is what it lists here, checked by the build.
func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(
    name: name, dependencies: dependencies, swiftSettings: strict,
    linkerSettings: [.linkedLibrary("m")])
}

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = [],
  resources: [Resource] = []
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, exclude: exclude, resources: resources,
    swiftSettings: strict)
}

let package = Package(
  name: "mcpdash",
  products: [
    .executable(name: "mcpdash", targets: ["mcpdash"]),
    .executable(name: "mcpdash-faultserver", targets: ["mcpdash-faultserver"]),
  ],
  targets: [
    // Floor 0: C libraries from Debian.
    .systemLibrary(name: "CLinux"),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CHTTPParser", providers: [.apt(["libhttp-parser-dev"])]),
    .systemLibrary(name: "CCrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"])]),
    // A target, not a systemLibrary: its signal handlers must be C. No pkg-config, whose -D flags
    // SwiftPM drops with a warning.
    .target(
      name: "CNCurses", linkerSettings: [.linkedLibrary("ncursesw"), .linkedLibrary("tinfo")]),
    .target(name: "CSimdjson", linkerSettings: [.linkedLibrary("simdjson")]),

    // Floor 1: the nouns, and the cells.
    room("FleetModel"),
    room("TerminalUI"),

    // Floor 2: pure machines.
    room("Resilience", ["FleetModel"]),
    room("Wire", ["FleetModel", "CSimdjson"]),
    room("Telemetry", ["FleetModel"]),
    room("Dashboard", ["FleetModel", "TerminalUI"]),

    // Floor 3: the fleet's machine and its driver; the control interface.
    room("Engine", ["FleetModel", "Resilience", "Wire", "Telemetry"]),
    room("Gateway", ["FleetModel", "Wire", "Telemetry"]),

    // Floor 4: everything impure, everything pretend.
    room(
      "Adapters",
      [
        "FleetModel", "TerminalUI", "Wire", "Engine", "Gateway",
        "CLinux", "CCurl", "CCrypto", "CHTTPParser", "CSQLite", "CHiredis", "CNCurses",
      ]),
    room("Simulation", ["FleetModel", "Resilience", "Engine"]),

    // Beside the house: a real MCP server that misbehaves on demand.
    room("FaultServer", ["FleetModel", "Wire", "Adapters"]),

    // Beside the house: the client that the official conformance suite drives.
    room("Conformance", ["FleetModel", "Wire", "Engine", "Adapters"]),

    // Floor 5: the programs.
    room(
      "CLI",
      [
        "FleetModel", "TerminalUI", "Wire", "Telemetry", "Dashboard", "Engine", "Gateway",
        "Adapters",
        "Simulation",
      ]),
    program("mcpdash", ["CLI"]),
    program("mcpdash-faultserver", ["FaultServer"]),
    program("mcpdash-conformance", ["Conformance"]),
    program(
      "benchmark",
      [
        "FleetModel", "Resilience", "Wire", "Telemetry", "Engine", "Adapters", "Simulation",
        "CSQLite",
        "CHiredis",
      ]),

    // What tests of several modules are fed with.
    .target(
      name: "TestInputs", dependencies: ["FleetModel"], path: "Tests/TestInputs",
      swiftSettings: strict),
    tests("FleetModelTests", ["FleetModel"]),
    tests("TerminalUITests", ["TerminalUI"]),
    tests("ResilienceTests", ["FleetModel", "Resilience", "TestInputs"]),
    tests("WireTests", ["FleetModel", "Wire", "TestInputs"]),
    tests("TelemetryTests", ["FleetModel", "Telemetry", "TestInputs"]),
    tests("GatewayTests", ["FleetModel", "Wire", "Telemetry", "Gateway", "TestInputs"]),
    tests("DashboardTests", ["FleetModel", "TerminalUI", "Dashboard"], exclude: ["Golden"]),
    tests("EngineTests", ["FleetModel", "Resilience", "Telemetry", "Engine", "Simulation"]),
    tests(
      "AdaptersTests",
      [
        "FleetModel", "TerminalUI", "Wire", "Engine", "Gateway", "Adapters", "terminal-testhost",
        "letters-testhost",
      ]),
    // Run by AdaptersTests in a real terminal.
    .executableTarget(
      name: "terminal-testhost", dependencies: ["Adapters", "TerminalUI"],
      path: "Tests/terminal-testhost", swiftSettings: strict),
    // Killed by AdaptersTests while it adds dead letters.
    .executableTarget(
      name: "letters-testhost", dependencies: ["FleetModel", "Engine", "Adapters"],
      path: "Tests/letters-testhost", swiftSettings: strict),
    tests("FaultServerTests", ["FleetModel", "Wire", "Adapters", "FaultServer"]),
    tests(
      "CLITests",
      ["FleetModel", "Wire", "Engine", "Gateway", "Adapters", "Simulation", "CLI", "TestInputs"]),
    tests("HouseRulesTests", []),
    tests("EndToEndTests", [], exclude: ["Servers"]),
  ],
  cxxLanguageStandard: .cxx17
)

// `make fuzz` alone builds these: the main function is libFuzzer's.
if Context.environment["MCPDASH_FUZZ"] != nil {
  package.targets += [
    .target(
      name: "FuzzTargets", dependencies: ["FleetModel", "Wire", "CLI"], path: "Fuzz/Targets",
      swiftSettings: strict),
    .executableTarget(name: "fuzz", dependencies: ["FuzzTargets"], path: "Fuzz/Program"),
  ]
}

import FleetModel

extension SampleFleet {
  /// The fleet of the incident with where each server comes from, and an impostor in one's place.
  static let roaming: Snapshot = {
    var snapshot = standard
    let origins = [
      "./mcpdash.json5: mcpServers.", "~/.claude.json: projects./srv/app.mcpServers.", "ToolHive: ",
    ]
    for index in snapshot.servers.indices {
      let name = snapshot.servers[index].id.name
      snapshot.servers[index].source = origins[index % 3] + name
      snapshot.servers[index].address =
        index == 2 ? "mcp-files" : "http://127.0.0.1:\(18_000 + index)/mcp"
      snapshot.servers[index].serverName = index == 5 ? "evil\u{1B}[2J\u{202E}" : "fileserver"
      snapshot.servers[index].serverVersion = "1.4.\(index)"
    }
    snapshot.servers[3].connectFailure = "connection refused"
    snapshot.servers[4].isConnected = false
    snapshot.servers[4].health.status = .unhealthy
    snapshot.servers[4].impostor = ImpostorSnapshot(
      address: "127.0.0.1:18042",
      expected: ServerIdentity(name: "slack", toolsDigest: digest("5f")),
      found: ServerIdentity(name: "slack\u{1B}[31m-proxy", toolsDigest: digest("c0")))
    snapshot.servers[10].isConnected = false
    snapshot.servers[10].connectFailure =
      "unauthorized: the server wants OAuth; run 'mcpdash login legacy'"
    snapshot.sources = sources
    return snapshot
  }()

  /// ToolHive alone, which does not answer yet.
  static let waiting: Snapshot = {
    var snapshot = Snapshot(at: now, engine: standard.engine)
    snapshot.sources = [
      SourceSnapshot(
        name: "http://127.0.0.1:8080", kind: .toolhive, serverCount: 0, isWell: false,
        text: "attempt 3 of 10 failed: connection refused; next in 4 s"),
      SourceSnapshot(
        name: "./mcpdash.json5", kind: .file, serverCount: 0, isWell: true,
        text: "read at 03:04:01, no servers in it"),
    ]
    return snapshot
  }()

  private static let sources = [
    SourceSnapshot(
      name: "./mcpdash.json5", kind: .file, serverCount: 4, isWell: true, text: "read at 03:00:12"),
    SourceSnapshot(
      name: "~/.claude.json", kind: .file, serverCount: 4, isWell: true,
      text: "read at 03:00:12, 2 projects"),
    SourceSnapshot(
      name: "~/.cursor/mcp.json", kind: .file, serverCount: 0, isWell: false,
      text: "line 7, column 3: a comma or '}' is missing\u{1B}[2J"),
    SourceSnapshot(
      name: "http://127.0.0.1:8080", kind: .toolhive, serverCount: 4, isWell: true,
      text: "4 workloads at 03:04:01"),
  ]

  private static func digest(_ pair: String) -> String { String(repeating: pair, count: 32) }
}

import FleetModel

/// The demo's servers and what befalls each of them: within two minutes everything happens once.
struct DemoFleet {
  /// One fault server to start.
  struct Member {
    var name: String
    var isStdio = false
    /// `modern`, `handshake` or `both`.
    var era = "both"
    /// Faults over time as JSON; nil: always well.
    var script: String?
    var crashAfter: Int?

    func flags(seed: UInt64, script path: String?) -> [String] {
      (isStdio ? ["--stdio"] : ["--http", "0", "--until-eof"])
        + ["--name", name, "--era", era, "--seed", String(seed)]
        + (path.map { ["--script", $0] } ?? [])
        + (crashAfter.map { ["--crash-after", String($0)] } ?? [])
    }
  }

  /// Well, slow, flapping, away and back, throttling, in the old era with tool errors, and two
  /// child processes: one well, one that crashes again and again.
  static let members = [
    Member(name: "github", script: #"[{"at":0,"faults":{"latency":{"tail":{"p50":8,"p99":90}}}}]"#),
    Member(
      name: "postgres",
      script: """
        {"phases":[
          {"at":0,"faults":{"latency":{"tail":{"p50":60,"p99":700}}}},
          {"at":25,"faults":{"latency":{"tail":{"p50":500,"p99":4000}},"hang":0.05}},
          {"at":60,"faults":{"latency":{"tail":{"p50":60,"p99":700}}}}],
         "repeat":120}
        """),
    Member(
      name: "search-eu",
      script: """
        {"phases":[
          {"at":0,"faults":{"latency":20}},
          {"at":8,"faults":{"latency":20,"status":{"code":503,"probability":0.7}}},
          {"at":18,"faults":{"latency":20}}],
         "repeat":30}
        """),
    Member(
      name: "billing",
      script: """
        {"phases":[
          {"at":0,"faults":{"latency":15}},
          {"at":15,"faults":{"refused":true}},
          {"at":50,"faults":{"latency":15}},
          {"at":80,"faults":{"latency":15,"reset":0.3,"truncated":0.1}},
          {"at":95,"faults":{"latency":15}}],
         "repeat":120}
        """),
    Member(
      name: "slack",
      script: """
        {"phases":[
          {"at":0,"faults":{"latency":30}},
          {"at":12,"faults":{"latency":30,"rateLimited":{"probability":0.6,"retryAfter":1}}},
          {"at":40,"faults":{"latency":30}}],
         "repeat":60}
        """),
    Member(
      name: "日本-translate", era: "handshake",
      script: """
        {"phases":[
          {"at":0,"faults":{"latency":40,"toolError":0.15}},
          {"at":30,"faults":{"latency":40,"toolError":0.15,"toolsRevision":2}},
          {"at":45,"faults":{"latency":40,"sessionLoss":{"next":1},"toolsRevision":2}},
          {"at":60,"faults":{"latency":40,"protocolError":0.1,"toolsRevision":3}}],
         "repeat":120}
        """),
    Member(name: "filesystem", isStdio: true, script: #"[{"at":0,"faults":{"latency":3}}]"#),
    Member(name: "browser", isStdio: true, crashAfter: 40),
  ]

  /// Shorter than the defaults, so that a breaker's whole life fits on the screen.
  static func policies(isStdio: Bool) -> Policies {
    var policies = Policies()
    if isStdio { policies.pool = .stdio }
    policies.breaker.openDuration = .seconds(8)
    policies.retry.tryTimeout = .seconds(3)
    policies.retry.totalTimeout = .seconds(20)
    policies.health.interval = .seconds(5)
    policies.pool.reconnectDelayCap = .seconds(8)
    return policies
  }

  static let probe = Probe(
    tool: "echo", arguments: JSONText(unchecked: Array(#"{"message":"probe"}"#.utf8)),
    interval: .seconds(5))
}

import FleetModel

/// Who calls what: many clients, all origins, tools and reads, with deadlines of their own or none.
struct Traffic: Sendable {
  private var random: SplitMix64
  private let servers: [ServerID]
  private var lastWork = 0
  private var lastToken = 0

  init(plan: FaultPlan) {
    random = SplitMix64(seed: plan.seed ^ 0x7_4AFF1C)
    servers = plan.servers.map(\.id)
  }

  private static let clients = (1...12).map { "agent-\($0)" }
  private static let origins: [Call.Origin] = [.gateway, .gateway, .load, .load, .cli, .replay]
  private static let pages = (1...4).map {
    JSONText(unchecked: Array("{\"uri\":\"file:\($0)\"}".utf8))
  }

  /// - Parameter server: nil is any.
  mutating func call(to server: Int?, at now: Instant, civil: Timestamp) -> Call {
    let id = CallID(at: civil, using: &random)
    let server = servers[server ?? pick(servers.count)]
    let origin = Self.origins[pick(Self.origins.count)]
    let deadline = pick(4) == 0 ? now + .milliseconds(1 + pick(8000)) : nil
    let client = Self.clients[pick(Self.clients.count)]
    lastToken += 1
    let token = pick(8) == 0 ? Secret("token-\(lastToken).") : nil
    switch pick(10) {
    case 0:
      let page = pick(Self.pages.count)
      return Call(
        id: id, server: server, method: "resources/read", target: "file:\(page + 1)",
        params: Self.pages[page], origin: origin, deadline: deadline, client: client, token: token)
    case 1:
      return Call(
        id: id, server: server, method: pick(2) == 0 ? "tools/list" : "ping", origin: origin,
        deadline: deadline, client: client, token: token)
    default:
      lastWork += 1
      return Call.tool(
        SimulatedWorld.tools[pick(SimulatedWorld.tools.count)],
        arguments: JSONText(unchecked: Array("{\"n\":\(lastWork)}".utf8)), on: server, id: id,
        origin: origin, deadline: deadline, client: client, token: token)
    }
  }

  /// The time until the next call, around 1 ÷ rate.
  mutating func gap(_ callsPerSecond: Double) -> Duration {
    Duration(fractionalSeconds: 2 * random.unit() / callsPerSecond)
  }

  /// When a caller gives up, if it does.
  mutating func patience() -> Duration? {
    pick(25) == 0 ? .microseconds(Int64(random.next() % 3_000_000)) : nil
  }

  mutating func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
}

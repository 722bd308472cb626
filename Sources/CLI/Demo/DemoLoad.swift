import Adapters
import Engine
import FleetModel

/// Calls the demo's servers a few times a second, as agents would.
struct DemoLoad: Sendable {
  /// Calls under way at one server; an agent that gets no answers asks no more.
  private static let concurrencyLimit = 12

  let fleet: LiveFleet
  let loop: EventLoop
  let servers: [ServerID]
  /// Between two calls to one server.
  let interval: Duration
  let seed: UInt64

  /// Runs until its task is cancelled; every call it made has ended when it returns.
  func run() async {
    await withDiscardingTaskGroup { group in
      for (number, server) in servers.enumerated() {
        group.addTask { await load(server, SplitMix64(seed: seed &+ UInt64(number))) }
      }
    }
  }

  private func load(_ server: ServerID, _ seeded: SplitMix64) async {
    var random = seeded
    await withTaskGroup(of: Void.self) { group in
      var running = 0
      while !Task.isCancelled {
        let gap = interval.nanoseconds
        await loop.sleep(
          until: loop.now + .nanoseconds(Int64.random(in: gap / 2...gap * 3 / 2, using: &random)))
        if running == Self.concurrencyLimit {
          await group.next()
          running -= 1
        }
        let call = await makeCall(to: server, using: &random)
        group.addTask { _ = await fleet.call(call) }
        running += 1
      }
      group.cancelAll()
    }
  }

  /// Mostly reads, some calls that must not run twice, now and then a listing.
  private func makeCall(
    to server: ServerID, using random: inout SplitMix64
  ) async -> Call {
    let id = await fleet.makeCallID()
    switch Int.random(in: 0..<20, using: &random) {
    case 0:
      return Call(id: id, server: server, method: "tools/list", origin: .load, client: "demo")
    case 1...3: return tool("counter", "{}")
    case 4...9:
      let sum = Int.random(in: 0...99, using: &random)
      return tool("add", #"{"a": \#(sum), "b": 1}"#)
    default: return tool("echo", #"{"message": "hello"}"#)
    }

    func tool(_ name: String, _ arguments: String) -> Call {
      .tool(
        name, arguments: JSONText(unchecked: Array(arguments.utf8)), on: server, id: id,
        origin: .load, client: "demo")
    }
  }
}

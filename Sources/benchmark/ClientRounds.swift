import Adapters
import Engine
import FleetModel
import Foundation
import Glibc
import Wire

/// Calls of 200 bytes to the same responder by this client and by those of others, in rounds: one
/// of each a round, so that a busy moment of the machine hits all alike.
enum ClientRounds {
  /// What one program did in one round.
  private struct Pace {
    var perSecond: Double
    /// Microseconds of processor time a call; nil where it was not taken.
    var cost: Double?
  }

  private enum Runner: CaseIterable {
    case client, engine, libcurl, wrk, sdk, fastmcp

    var name: String {
      switch self {
      case .client: "this client"
      case .engine: "this client with its engine"
      case .libcurl: "libcurl with nothing around it"
      case .wrk: "wrk, the ceiling"
      case .sdk: "Python SDK 2.x"
      case .fastmcp: "fastmcp 4.x"
      }
    }
  }

  private static let rounds = 5
  private static let text = String(repeating: "x", count: 200)
  /// Of libcurl's rate, and of the Python SDK's.
  private static let shares = (libcurl: 0.7, sdk: 20.0)

  static func run(_ bench: Bench) async throws -> [Measurement] {
    let stage = try ResponderStage(bench)
    var measurements: [Measurement] = []
    for width in [1, 64] {
      try stage.shareOneCore(width == 1)
      var paces: [Runner: [Pace]] = [:]
      for _ in 0..<rounds {
        for runner in Runner.allCases {
          paces[runner, default: []].append(try await pace(of: runner, width, stage))
        }
      }
      measurements += figures(paces, width)
    }
    return measurements
  }

  private static func pace(
    of runner: Runner, _ width: Int, _ stage: ResponderStage
  ) async throws -> Pace {
    let calls = width == 1 ? 20_000 : 40_000
    switch runner {
    case .client: return try await ownPace(calls, width, throughEngine: false, stage)
    case .engine: return try await ownPace(calls, width, throughEngine: true, stage)
    case .libcurl: return pace(try stage.libcurl(calls, width, text))
    case .wrk: return pace(try stage.wrk(width, text))
    case .sdk: return pace(try stage.python("sdk", calls / 20, width, text))
    case .fastmcp: return pace(try stage.python("fastmcp", calls / 20, width, text))
    }
  }

  private static func pace(_ said: [Double]) -> Pace {
    Pace(perSecond: said.first ?? .nan, cost: said.count > 1 ? said[1] : nil)
  }

  private static func ownPace(
    _ calls: Int, _ width: Int, throughEngine: Bool, _ stage: ResponderStage
  ) async throws -> Pace {
    let caller = try await OwnCaller(url: stage.url, throughEngine: throughEngine)
    try await caller.call(width * 20, width, text)
    let (cost, start) = (ProcessorTime.now(), ContinuousClock.now)
    try await caller.call(calls, width, text)
    let (spent, time) = (ProcessorTime.now() - cost, ContinuousClock.now - start)
    await caller.stop()
    return Pace(
      perSecond: Double(calls) / (time / .seconds(1)),
      cost: spent / .microseconds(1) / Double(calls))
  }

  private static func figures(_ paces: [Runner: [Pace]], _ width: Int) -> [Measurement] {
    func rates(_ runner: Runner) -> [Double] { (paces[runner] ?? []).map(\.perSecond) }
    func costs(_ runner: Runner) -> [Double] { (paces[runner] ?? []).compactMap(\.cost) }
    let others = Runner.allCases.filter { $0 != .client }
    let how = width == 1 ? "one at a time, all on one core" : "\(width) at once"
    let bar = max(
      shares.libcurl * Measurement.median(rates(.libcurl)),
      shares.sdk * Measurement.median(rates(.sdk)))
    return [
      Measurement(
        name: "tool calls of 200 bytes, \(how)", unit: "calls/s", bar: .atLeast(bar),
        runs: rates(.client), command: "benchmark clients",
        peers: others.map { PeerFigure(name: $0.name, runs: rates($0), unit: "calls/s") }),
      Measurement(
        name: "processor time of such a call, \(how)", unit: "µs", runs: costs(.client),
        command: "benchmark clients",
        peers: others.filter { !costs($0).isEmpty }.map {
          PeerFigure(name: $0.name, runs: costs($0), unit: "µs")
        }),
    ]
  }
}

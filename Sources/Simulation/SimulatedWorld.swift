import Engine
import FleetModel

/// The network and the servers of a simulation: each server has a weather that the seed changes.
struct SimulatedWorld: Sendable {
  /// How one server behaves just now.
  enum Weather: CaseIterable, Sendable {
    case fine, slow, refusing, failing, throttling, silent, resetting, hanging
  }

  private var weather: [Weather]
  private let numbers: [ServerID: Int]
  private var connections: [ConnectionID: Int] = [:]
  private var aborted: Set<AttemptID> = []

  init(servers: [ServerID]) {
    weather = servers.map { _ in .fine }
    numbers = Dictionary(uniqueKeysWithValues: servers.enumerated().map { ($1, $0) })
  }

  mutating func changeWeather(
    of number: Int, isStormy: Bool, using random: inout some RandomNumberGenerator
  ) {
    let pick = Int.random(in: 0..<Weather.allCases.count, using: &random)
    weather[number] = isStormy ? Weather.allCases[pick] : .fine
  }

  /// What comes back of an effect, and after how long.
  mutating func answer(
    _ effect: FleetEffect, at now: Instant, using random: inout some RandomNumberGenerator
  ) -> [(Duration, FleetEvent)] {
    switch effect {
    case .open(let server, let id, _):
      let number = numbers[server.id] ?? 0
      connections[id] = number
      return open(id, weather[number], using: &random)
    case .close(let id):
      connections[id] = nil
      return []
    case .send(let call, let attempt, let connection):
      let number = connections[connection] ?? numbers[call.server] ?? 0
      return exchange(call, attempt, weather[number], using: &random)
    case .listTools(let server, _):
      return [(.milliseconds(5), .toolsListed(server, Self.tools))]
    case .check(let server, _, _):
      switch weather[numbers[server.id] ?? 0] {
      case .fine, .slow, .failing, .throttling, .resetting:
        return [(.milliseconds(3), .checked(server.id, nil))]
      case .refusing:
        return [(.milliseconds(1), .checked(server.id, Self.refusal))]
      case .silent, .hanging: return []
      }
    case .store(let letter): return [(.milliseconds(2), .stored(letter.id, nil))]
    case .tally: return [(.milliseconds(2), .tallied(DeadLetterTally()))]
    case .readClock:
      return [(.zero, .clockRead(Simulation.epoch + (now - .origin)))]
    case .abort, .abortCheck, .finish, .publish, .abortValidation,
      .abortWatch, .drained:
      return []
    case .validate(let id): return [(.milliseconds(1), .validated(id, nil))]
    case .watch(_, let server, _): return [(.milliseconds(1), .watched(server, nil))]
    }
  }

  private func open(
    _ id: ConnectionID, _ weather: Weather, using random: inout some RandomNumberGenerator
  ) -> [(Duration, FleetEvent)] {
    switch weather {
    case .refusing: [(.milliseconds(1), .openFailed(id, Self.refusal))]
    case .silent, .hanging: []
    case .fine, .slow, .failing, .throttling, .resetting:
      [
        (
          .milliseconds(Int.random(in: 1...20, using: &random)),
          .opened(id, ConnectionInfo(era: .modern, protocolVersion: "2026-07-28"))
        )
      ]
    }
  }

  private func exchange(
    _ call: Call, _ attempt: AttemptID, _ weather: Weather,
    using random: inout some RandomNumberGenerator
  ) -> [(Duration, FleetEvent)] {
    func after(_ range: ClosedRange<Int>, _ reply: Reply, closes: Bool = false)
      -> [(Duration, FleetEvent)]
    {
      [
        (
          .milliseconds(Int.random(in: range, using: &random)),
          .exchanged(attempt, Exchange(reply: reply, closesConnection: closes))
        )
      ]
    }
    switch weather {
    case .fine: return after(1...10, .success(.emptyObject))
    case .slow: return after(500...4000, .success(.emptyObject))
    case .refusing: return after(1...2, .failure(Self.refusal), closes: true)
    case .failing:
      return after(
        1...20, .failure(Failure(.httpStatus(503), "HTTP 503", delivery: .refused)))
    case .throttling:
      return after(
        1...5,
        .failure(
          Failure(
            .httpStatus(429), "HTTP 429", delivery: .refused, retryAfter: .seconds(1))))
    case .resetting:
      return after(
        1...20, .failure(Failure(.connectionReset, "reset", delivery: .unknown)), closes: true)
    case .silent, .hanging: return []
    }
  }

  private static let refusal = Failure(
    .connectionRefused, "connection refused", delivery: .notSent)

  private static let tools = ToolList(
    tools: [
      ToolList.Tool(name: "echo", isReadOnly: true, isIdempotent: true),
      ToolList.Tool(name: "counter"),
    ], result: .emptyObject)
}

import Foundation

/// What `snapshot --format json` prints, as far as the tests read it.
struct FleetPicture: Decodable {
  var servers: [Server]
  var deadLetters: DeadLetters
  var notices: [Notice]

  struct Server: Decodable {
    var id: String
    var transport: String
    var era: String
    var protocolVersion: String?
    var isConnected: Bool
    var toolCount: Int?
    var calls: Calls
    var breaker: Breaker
    var health: Health
    var pool: Pool
    var load: Load
    var retries: Retries
    var operations: [Operation]
    var endpoint: Endpoint?
    var crashLoop: CrashLoop?

    enum CodingKeys: String, CodingKey {
      case id = "name"
      case isConnected = "connected"
      case toolCount = "tools"
      case transport, era, protocolVersion, calls, breaker, health
      case pool, load, retries, operations, endpoint, crashLoop
    }
  }

  struct Calls: Decodable {
    var success: Int
    var toolError: Int
    var protocolError: Int
    var transportFailure: Int
  }

  struct Breaker: Decodable {
    var state: String
    var reason: String?
    var override: Override?
    var transitions: [Transition]
  }

  struct Override: Decodable {
    var kind: String
    var owner: String
    var reason: String
    var until: String?
  }

  struct Transition: Decodable {
    var from: String
    var to: String
    var reason: String
  }

  struct Health: Decodable {
    var status: String
    var lastError: String?
    var disagreement: String?
  }

  struct Pool: Decodable {
    var open: Int
    var idle: Int
    var active: Int
    var waiting: Int
  }

  struct Load: Decodable {
    var running: Int
    var waiting: Int
    var refused: Int
    var delayed: Int
    var hedges: Int
    var hedgeWins: Int
    var coalesced: Int
  }

  struct Retries: Decodable {
    var total: Int
    var budgetUsed: Int
  }

  struct Operation: Decodable {
    var name: String
    var calls: Int
    var attempts: Int
    var retryAfterHonoured: Int
  }

  struct Endpoint: Decodable {
    var name: String
    var position: Int
  }

  struct CrashLoop: Decodable {
    var count: Int
    var lastWords: String
  }

  struct Notice: Decodable {
    var severity: String
    var server: String?
    var text: String
  }

  struct DeadLetters: Decodable {
    var size: Int
    var spilled: Int
    var durability: Durability?

    struct Durability: Decodable {
      var grade: String
      var text: String
    }
  }

  init(json: String) throws {
    self = try JSONDecoder().decode(FleetPicture.self, from: Data(json.utf8))
  }

  subscript(_ id: String) -> Server? { servers.first { $0.id == id } }
}

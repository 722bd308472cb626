import Foundation

/// What `snapshot --format json` prints, as far as the tests read it.
struct FleetPicture: Decodable {
  var servers: [Server]
  var deadLetters: DeadLetters

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

    enum CodingKeys: String, CodingKey {
      case id = "name"
      case isConnected = "connected"
      case toolCount = "tools"
      case transport, era, protocolVersion, calls, breaker, health
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
  }

  struct Health: Decodable {
    var status: String
    var lastError: String?
  }

  struct DeadLetters: Decodable {
    var size: Int
  }

  init(json: String) throws {
    self = try JSONDecoder().decode(FleetPicture.self, from: Data(json.utf8))
  }

  subscript(_ id: String) -> Server? { servers.first { $0.id == id } }
}

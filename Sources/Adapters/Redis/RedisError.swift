import FleetModel

/// Why a Redis server did not do it.
enum RedisError: Error, Hashable {
  /// No connection came about; hiredis's words.
  case cannotConnect(String)
  /// The connection broke; what was asked may have been done.
  case lost(String)
  case timeout
  /// The store was closed by its owner.
  case closed
  /// What answers there speaks another protocol.
  case notRedis
  case tooOld(version: String)
  /// The server's own words.
  case refused(String)

  /// One sentence for the operator: the server, what is wrong, and what to do. Never the password.
  func advice(_ address: RedisAddress) -> String {
    let text = advice(server: "Redis at \(address)")
    guard let password = address.password?.value, !password.isEmpty else { return text }
    return text.replacing(password, with: "•••")
  }

  private func advice(server: String) -> String {
    switch self {
    case .cannotConnect(let reason):
      "cannot connect to \(server): \(reason); check that it runs and that REDIS_ADDR is right"
    case .lost(let reason):
      "\(server) closed the connection (\(reason)); it is opened again with the next try"
    case .timeout:
      "\(server) does not answer within \(Int(RedisConnection.timeout.seconds)) s;"
        + " check that it is not stopped, overloaded, or behind a firewall"
    case .closed: "the connection to \(server) was given up: mcpdash ends"
    case .notRedis:
      "what listens at \(server.dropFirst("Redis at ".count)) is no Redis server"
        + " (or wants TLS); check REDIS_ADDR"
    case .tooOld(let version):
      "\(server) has version \(version); mcpdash needs \(RedisConnection.leastVersion) or newer"
    case .refused(let words): Self.advice(words, server: server)
    }
  }

  private static func advice(_ words: String, server: String) -> String {
    let code = words.prefix { $0 != " " }
    switch code {
    case "NOAUTH": return "\(server) asks for a password; give it with REDIS_PASSWORD"
    case "WRONGPASS":
      return "\(server) does not know this user with this password; check REDIS_PASSWORD"
    case "NOPERM":
      return "\(server) does not let this user do it (\(words)); it needs the scripting commands"
        + " and the keys mcp:dlq:* and mcpdash:dlq:*"
    case "MISCONF":
      return "\(server) takes no changes because it cannot save to its disk; free some space there"
        + " and see its log"
    case "READONLY":
      return "\(server) is a read-only replica; set REDIS_ADDR to its primary"
    case "OOM":
      return "\(server) has no memory left for letters; raise its maxmemory or purge old letters"
    case "LOADING":
      return "\(server) is still reading its data after its start; try again in a moment"
    case "BUSY":
      return "\(server) is busy with another program's script; wait, or end it with SCRIPT KILL"
    case "MASTERDOWN":
      return "\(server) is a replica whose primary is down; set REDIS_ADDR to a primary"
    case "MOVED", "ASK", "CROSSSLOT", "CLUSTERDOWN":
      return "\(server) is a cluster; dead letters need one server that is none"
    case "WRONGTYPE":
      return "\(server) holds something else under a name of the queue; look with"
        + " TYPE mcp:dlq:list, rename that key, or choose another database with REDIS_DB"
    default:
      if words.contains("DB index is out of range") || words.contains("invalid DB index") {
        return "\(server) has no database of that number; check REDIS_DB"
      }
      if words.contains("without any password configured") {
        return "\(server) wants no password; leave REDIS_PASSWORD out"
      }
      return "\(server) refused: \(words)"
    }
  }
}

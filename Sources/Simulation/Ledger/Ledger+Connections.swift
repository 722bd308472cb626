import Engine
import FleetModel

// Connections, checks and lists: how many at once, and nothing on what is not there.
extension Ledger {
  mutating func opening(_ id: ConnectionID, _ definition: ServerDefinition, at now: Instant) {
    guard let number = numbers[definition.id] else {
      return violate("a connection to \(definition.id) is opened, which is no server", at: now)
    }
    if definition.endpoint != servers[number].endpoint {
      servers[number].endpoint = definition.endpoint
      servers[number].breaker.moved(at: now)
      servers[number].order.disturb(before: calls.count)
    }
    if connections[id] != nil { violate("connection \(id.number) is opened twice", at: now) }
    connections[id] = ConnectionRecord(server: number)
    servers[number].connecting += 1
    servers[number].lastOpening = now
    let server = servers[number]
    if server.connecting + server.open > server.openLimit {
      violate(
        "\(name(number)): \(server.connecting) connecting and \(server.open) open of"
          + " \(server.openLimit)", at: now)
    }
    let limit = max(1, definition.policies.pool.connectLimit)
    if server.connecting > limit {
      violate("\(name(number)): \(server.connecting) connecting at once, not \(limit)", at: now)
    }
    // What a reset has retired is still open, and counts for the limit only.
    if !(server.open > 0 || server.connecting == 1) {
      violate("\(name(number)): \(server.connecting) connecting while nothing is open", at: now)
    }
  }

  mutating func opened(_ id: ConnectionID, _ info: ConnectionInfo) {
    guard let record = connections[id], !record.isOpen else { return }
    connections[id]?.isOpen = true
    met(info.identity, over: id)
    servers[record.server].connecting -= 1
    servers[record.server].open += 1
    servers[record.server].order.disturb(before: calls.count)
  }

  mutating func openFailed(_ id: ConnectionID) {
    guard let record = connections[id], !record.isOpen else { return }
    remove(id)
  }

  mutating func closed(_ id: ConnectionID) {
    guard let record = connections[id], record.isOpen else { return }
    remove(id)
  }

  mutating func closing(_ id: ConnectionID) {
    // One that has failed or died by itself meanwhile may be closed all the same.
    guard connections[id] != nil else { return }
    remove(id)
  }

  private mutating func remove(_ id: ConnectionID) {
    guard let record = connections.removeValue(forKey: id) else { return }
    if record.isOpen {
      servers[record.server].open -= 1
      servers[record.server].streams -= record.streams
    } else {
      servers[record.server].connecting -= 1
    }
    servers[record.server].order.disturb(before: calls.count)
  }

  /// A call goes out on a connection.
  mutating func occupy(_ id: ConnectionID, by number: Int, at now: Instant) {
    guard let record = connections[id], record.isOpen, record.server == number else {
      return violate(
        "\(name(number)): a call is sent on connection \(id.number), which is not open", at: now)
    }
    connections[id]?.streams += 1
    servers[number].streams += 1
    let limit = servers[number].streamLimit
    if record.streams >= limit {
      violate(
        "\(name(number)): \(record.streams + 1) calls on one connection, not \(limit)", at: now)
    }
  }

  mutating func vacate(_ id: ConnectionID) {
    guard let record = connections[id], record.streams > 0 else { return }
    connections[id]?.streams -= 1
    servers[record.server].streams -= 1
  }

  mutating func validating(_ id: ConnectionID, at now: Instant) {
    guard let record = connections[id], record.isOpen else {
      return violate("connection \(id.number), which is not open, is asked", at: now)
    }
    if servers[record.server].isGone {
      violate("a connection of a removed server is asked", at: now)
    }
    if record.streams != 0 {
      violate("\(name(record.server)): a connection in use is asked", at: now)
    }
  }

  // MARK: Checks and lists

  mutating func listing(_ server: ServerID, over id: ConnectionID, at now: Instant) {
    guard let number = numbers[server] else {
      return violate("tools of \(server), which is no server, are listed", at: now)
    }
    if servers[number].isListing { violate("\(server): tools are listed twice at once", at: now) }
    if !(connections[id]?.isOpen ?? false) {
      violate("\(server): tools are listed on no connection", at: now)
    }
    servers[number].isListing = true
  }

  mutating func listed(_ list: ToolList, of server: ServerID) {
    guard let number = numbers[server] else { return }
    servers[number].isListing = false
    servers[number].safeTools = Set(
      list.tools.filter { $0.isReadOnly || $0.isIdempotent }.map(\.name))
    servers[number].everSafeTools.formUnion(servers[number].safeTools)
  }

  mutating func checking(_ server: ServerID, at now: Instant) {
    guard let number = numbers[server] else {
      return violate("\(server), which is no server, is checked", at: now)
    }
    if servers[number].isChecking { violate("\(server): two health checks at once", at: now) }
    servers[number].isChecking = true
  }

  mutating func watching(_ server: ServerID, at now: Instant) {
    guard let number = numbers[server] else {
      return violate("\(server), which is no server, is watched", at: now)
    }
    if servers[number].isWatching { violate("\(server): two endpoints watched at once", at: now) }
    servers[number].isWatching = true
  }
}

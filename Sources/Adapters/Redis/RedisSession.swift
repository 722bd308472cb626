import FleetModel

/// Connections to one Redis server, one after the other: opened at first use, and again when lost.
///
/// Confined to the actor that owns it.
final class RedisSession {
  static let firstPause = Duration.milliseconds(100)
  static let longestPause = Duration.seconds(5)

  let address: RedisAddress
  private var connection: RedisConnection?
  /// Since the last connection came about.
  private var failures = 0
  private var lastFailure: (error: RedisError, retryAt: ContinuousClock.Instant)?

  private var isClosed = false

  /// Of the last connection; nil before the first.
  private(set) var durability: DeadLetterDurability?

  init(_ address: RedisAddress) { self.address = address }

  func close() { (connection, isClosed) = (nil, true) }

  /// They may have been changed while the server runs.
  func readSettings() throws(RedisError) {
    guard let connection else { return }
    do throws(RedisError) { try connection.readSettings() } catch {
      self.connection = nil
      throw error
    }
    durability = connection.durability
  }

  /// All in one go. Where the connection breaks, what has no answer yet is asked once more on a new
  /// one: every script bears to be run twice.
  ///
  /// - Returns: an answer for each command; errors of single commands are among them.
  func run(_ commands: [RedisCommand]) throws(RedisError) -> [RedisReply] {
    var replies: [RedisReply] = []
    replies.reserveCapacity(commands.count)
    let wasOpen = connection != nil
    do throws(RedisError) {
      try send(commands[...], &replies)
    } catch {
      connection = nil
      // A server that hangs is not asked twice, nor by the next one at once: callers wait.
      if error == .timeout, wasOpen { pause(for: error) }
      guard case .lost = error, wasOpen else { throw error }
      do throws(RedisError) { try send(commands[replies.count...], &replies) } catch {
        connection = nil
        throw error
      }
    }
    try reloadWhereForgotten(commands, &replies)
    return replies
  }

  private func send(
    _ commands: ArraySlice<RedisCommand>, _ replies: inout [RedisReply]
  ) throws(RedisError) {
    let connection = try connected()
    try connection.run(commands) { replies.append($0) }
  }

  /// After SCRIPT FLUSH the server knows no script any more.
  private func reloadWhereForgotten(
    _ commands: [RedisCommand], _ replies: inout [RedisReply]
  ) throws(RedisError) {
    let forgotten = replies.indices.filter { index in
      if case .error(let words) = replies[index] { words.hasPrefix("NOSCRIPT") } else { false }
    }
    guard !forgotten.isEmpty, let connection else { return }
    do throws(RedisError) {
      try connection.loadScripts()
      let again = try connection.run(forgotten.map { commands[$0] })
      for (index, reply) in zip(forgotten, again) { replies[index] = reply }
    } catch {
      self.connection = nil
      throw error
    }
  }

  private func connected() throws(RedisError) -> RedisConnection {
    if let connection { return connection }
    guard !isClosed else { throw .closed }
    if let lastFailure, ContinuousClock.now < lastFailure.retryAt { throw lastFailure.error }
    do throws(RedisError) {
      let connection = try RedisConnection(address)
      self.connection = connection
      durability = connection.durability
      (failures, lastFailure) = (0, nil)
      return connection
    } catch {
      pause(for: error)
      throw error
    }
  }

  private func pause(for error: RedisError) {
    let pause = min(Self.longestPause, Self.firstPause * (1 << min(failures, 10)))
    failures += 1
    lastFailure = (error, ContinuousClock.now + pause * Double.random(in: 0.9...1.1))
  }
}

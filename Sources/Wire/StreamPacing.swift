/// When a listening stream that ended is opened again: for as long as there is someone to listen.
package struct StreamPacing: Sendable {
  /// Where the server did not say.
  package static let usualDelay = Duration.seconds(1)
  /// Of a growing delay; a server may ask for more.
  package static let longestDelay = Duration.seconds(60)
  /// However little a server asks for.
  package static let shortestDelay = Duration.milliseconds(100)
  /// A stream that lasted so long was worth opening, even if nothing came.
  package static let worthyLife = Duration.seconds(30)

  /// Streams in a row that brought nothing.
  private var idle = 0

  package init() {}

  /// - Parameters:
  ///   - broughtNews: an event came, or the cursor moved.
  ///   - life: from the request to the end of the stream.
  ///   - asked: the server's `retry:`, exact while the stream brings anything.
  package mutating func delay(
    broughtNews: Bool, life: Duration, asked: Duration?
  ) -> Duration {
    idle = broughtNews || life >= Self.worthyLife ? 0 : min(idle + 1, 6)
    let growing = min(Self.usualDelay * (1 << idle), Self.longestDelay)
    guard let asked else { return growing }
    return max(Self.shortestDelay, idle == 0 ? asked : max(asked, growing))
  }
}

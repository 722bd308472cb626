import FleetModel
import Wire

/// The address of a Redis as people write it.
///
/// `host`, `host:port`, `[::1]:6379`, `redis://[user[:password]@]host[:port][/db]`, `rediss://…`
/// for TLS, and `unix:///path#db`. In a URL user and password are percent-encoded where they must
/// be.
struct RedisAddressText: Hashable, Sendable {
  static let standardPort = 6379
  static let databaseRange = 0...65_535
  static let form =
    "host:port, redis://[user[:password]@]host:port/db or unix:///path#db, such as localhost:6379"

  var host: RedisAddress.Host
  var user: String?
  var password: Secret?
  /// nil where the text does not say.
  var database: Int?
  var usesTLS = false

  init(_ host: RedisAddress.Host) { self.host = host }

  init?(_ text: String) {
    guard !text.isEmpty, text.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F })
    else { return nil }
    if let path = text.dropping("unix://") {
      self.init(socket: path)
    } else if let rest = text.dropping("redis://") {
      self.init(network: rest, usesTLS: false)
    } else if let rest = text.dropping("rediss://") {
      self.init(network: rest, usesTLS: true)
    } else {
      guard !text.contains("/"), !text.contains("@"),
        let host = Self.host(text[...], standardPort: Self.standardPort)
      else { return nil }
      self.init(host)
    }
  }

  private init?(socket text: Substring) {
    let parts = text.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
    guard let path = parts.first, path.hasPrefix("/"), path.count > 1 else { return nil }
    host = .socket(path: String(path))
    if parts.count > 1 {
      guard let number = Self.number(parts[1]) else { return nil }
      database = number
    }
  }

  private init?(network text: Substring, usesTLS: Bool) {
    guard !text.contains("?"), !text.contains("#") else { return nil }
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard var authority = parts.first else { return nil }
    var credentials: Substring?
    if let at = authority.lastIndex(of: "@") {
      credentials = authority[..<at]
      authority = authority[authority.index(after: at)...]
    }
    guard let host = Self.host(authority, standardPort: Self.standardPort) else { return nil }
    self.host = host
    self.usesTLS = usesTLS
    if parts.count > 1, !parts[1].isEmpty {
      guard let number = Self.number(parts[1]) else { return nil }
      database = number
    }
    guard let credentials else { return }
    let sides = credentials.split(
      separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = sides.first.flatMap(PercentCoding.decode) else { return nil }
    user = name.isEmpty ? nil : name
    if sides.count > 1 {
      guard let word = PercentCoding.decode(sides[1]) else { return nil }
      password = word.isEmpty ? nil : Secret(word)
    }
  }

  private static func host(_ text: Substring, standardPort: Int) -> RedisAddress.Host? {
    var (name, port) = (text, Substring())
    if text.hasPrefix("[") {
      guard let end = text.firstIndex(of: "]") else { return nil }
      name = text[text.index(after: text.startIndex)..<end]
      let rest = text[text.index(after: end)...]
      guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
      port = rest.dropFirst()
      guard name.contains(":") else { return nil }
    } else if let colon = text.lastIndex(of: ":") {
      name = text[..<colon]
      port = text[text.index(after: colon)...]
      guard !port.isEmpty, !name.contains(":") else { return nil }
    }
    guard port.isEmpty || port.allSatisfy({ ("0"..."9").contains($0) }),
      let number = port.isEmpty ? standardPort : Int(port), (1...65_535).contains(number)
    else { return nil }
    return .network(name.isEmpty ? "localhost" : String(name), port: number)
  }

  private static func number(_ text: Substring) -> Int? {
    guard let number = Int(text), databaseRange.contains(number) else { return nil }
    return number
  }
}

extension String {
  /// What follows the prefix; nil without it.
  fileprivate func dropping(_ prefix: String) -> Substring? {
    hasPrefix(prefix) ? dropFirst(prefix.count) : nil
  }
}

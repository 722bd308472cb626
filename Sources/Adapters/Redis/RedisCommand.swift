/// One command, its arguments already in the form of the wire.
struct RedisCommand {
  /// The script to run; nil for a command of the server's own.
  let script: LetterScript?
  private var count = 0
  private var arguments: [UInt8] = []

  /// A command of the server's own, such as `SELECT 1`.
  init(_ words: String...) {
    script = nil
    for word in words { add(word) }
  }

  /// A script that has no keys of its own.
  init(_ script: LetterScript) { self.script = script }

  mutating func add(_ bytes: some Collection<UInt8>) {
    count += 1
    Self.header("$", bytes.count, &arguments)
    arguments.append(contentsOf: bytes)
    arguments.append(contentsOf: [13, 10])
  }

  mutating func add(_ text: String) { add(text.utf8) }
  mutating func add(_ number: Int64) { add(String(number)) }
  mutating func add(_ number: Int) { add(String(number)) }
  mutating func add(_ flag: Bool) { add(flag ? "1" : "0") }

  /// As it goes out.
  ///
  /// - Parameter digest: the server's name of the script.
  func wireForm(digest: String?) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(arguments.count + 96)
    guard let digest else {
      Self.header("*", count, &bytes)
      bytes.append(contentsOf: arguments)
      return bytes
    }
    Self.header("*", count + 3, &bytes)
    bytes.append(
      contentsOf: "$7\r\nEVALSHA\r\n$\(digest.utf8.count)\r\n\(digest)\r\n$1\r\n0\r\n".utf8)
    bytes.append(contentsOf: arguments)
    return bytes
  }

  private static func header(_ mark: Unicode.Scalar, _ count: Int, _ bytes: inout [UInt8]) {
    bytes.append(UInt8(ascii: mark))
    bytes.append(contentsOf: String(count).utf8)
    bytes.append(contentsOf: [13, 10])
  }
}

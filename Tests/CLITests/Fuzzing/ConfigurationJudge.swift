import FleetModel

@testable import CLI

/// What must hold of the loader of configurations, whatever is in the file: it comes to an end, and
/// each thing that is wrong has a place and words.
///
/// The first byte of the input chooses the file's name, and with it what kind of file it is.
struct ConfigurationJudge {
  private static let names = ["mcpdash.json5", ".mcp.json", "mcp.json", ".claude.json"]
  private static let secret = "s3cr3t-value"

  let path: String
  let bytes: [UInt8]

  init(_ input: [UInt8]) {
    path = "/home/op/" + Self.names[Int(input.first ?? 0) % Self.names.count]
    bytes = Array(input.dropFirst())
  }

  /// What is wrong; nil when all is right.
  func complaint() -> String? {
    let environment = ["HOME": "/home/op", "TOKEN": Self.secret, "EMPTY": ""]
    let configuration = ConfigurationLoader.load([path], environment: environment) {
      path throws(FileError) in
      guard path == self.path || path.hasSuffix("other.json5") else {
        throw FileError(reason: "No such file or directory", isAbsent: true)
      }
      return bytes
    }
    let problems = configuration.errors + configuration.warnings
    return problems.lazy.compactMap(complaint).first ?? rereading()
  }

  private func complaint(about problem: ConfigurationProblem) -> String? {
    if problem.message.isEmpty { return "a problem without words" }
    if problem.file.isEmpty { return "a problem without a file" }
    if problem.description.contains(Self.secret) { return "a secret in a message" }
    guard let position = problem.position else { return nil }
    // U+2028 and U+2029 end lines too.
    let lines = bytes.count { $0 == 0x0A || $0 == 0x0D || $0 == 0xE2 } + 1
    return (1...lines).contains(position.line) && (1...bytes.count + 1).contains(position.column)
      ? nil : "a place outside the file"
  }

  /// What was read, written as JSON, is read as the same.
  private func rereading() -> String? {
    // A file that cannot be read is told by the loader.
    guard let document = try? JSON5Reader.read(bytes) else { return nil }
    let json = document.root.json
    guard let again = try? JSON5Reader.read(json.bytes) else { return "our own JSON is refused" }
    if !again.duplicates.isEmpty { return "our own JSON has a key twice" }
    return again.root.json == json ? nil : "read again it is another"
  }
}

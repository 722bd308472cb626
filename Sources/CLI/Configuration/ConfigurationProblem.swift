import FleetModel

/// Something in the configuration that an operator should know or mend.
struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
  /// As the operator named it.
  var file: String
  /// nil where the whole file is meant.
  var position: SourcePosition?
  /// Where in the document, such as `mcpServers.github.url`; empty at the top.
  var path: String
  /// What is wrong, the value unless it may be secret, and what to do.
  var message: String
  /// The server that is left out or changed because of it.
  var server: ServerID?
  /// Only this setting is left out because of it, and everything runs without.
  var isBorne = false

  /// `mcp.json:3:7: mcpServers.github.url: 'ftp://x' is no …`
  var description: String {
    let place = position.map { "\(file):\($0.line):\($0.column)" } ?? file
    return path.isEmpty ? "\(place): \(message)" : "\(place): \(path): \(message)"
  }
}

/// Where problems of one file are collected while it is read.
struct ConfigurationReport: Sendable {
  private(set) var warnings: [ConfigurationProblem] = []
  private(set) var errors: [ConfigurationProblem] = []
  /// Files that entries name and that were looked at.
  private(set) var companions: [String] = []

  mutating func addCompanion(_ path: String) {
    if !companions.contains(path) { companions.append(path) }
  }

  mutating func warn(_ at: Spot, _ message: String, server: ServerID? = nil) {
    warnings.append(at.problem(message, server: server))
  }

  /// - Parameter isBorne: only the setting is left out.
  mutating func fail(
    _ at: Spot, _ message: String, server: ServerID? = nil, isBorne: Bool = false
  ) {
    var problem = at.problem(message, server: server)
    problem.isBorne = isBorne
    errors.append(problem)
  }

  /// A fault of a whole file.
  mutating func fail(file: String, _ message: String, isBorne: Bool = false) {
    errors.append(
      ConfigurationProblem(file: file, path: "", message: message, isBorne: isBorne))
  }

  mutating func append(_ other: ConfigurationReport) {
    warnings += other.warnings
    errors += other.errors
    for path in other.companions { addCompanion(path) }
  }
}

/// A value in a file, and the path that leads to it.
struct Spot: Hashable, Sendable {
  var file: String
  var path: String
  var value: JSON5Value

  func problem(_ message: String, server: ServerID? = nil) -> ConfigurationProblem {
    ConfigurationProblem(
      file: file, position: value.position, path: path, message: message, server: server)
  }

  /// The members as spots of their own, in order; nil when this is no object.
  var members: [(key: String, spot: Spot)]? {
    value.members?.map { ($0.key, spot(of: $0)) }
  }

  var elements: [Spot]? {
    value.elements?.enumerated().map { index, element in
      Spot(file: file, path: "\(path)[\(index)]", value: element)
    }
  }

  subscript(key: String) -> Spot? {
    value.members?.first { $0.key == key }.map { spot(of: $0) }
  }

  private func spot(of member: JSON5Value.Member) -> Spot {
    let path = path.isEmpty ? member.key : path + "." + member.key
    return Spot(file: file, path: path, value: member.value)
  }
}

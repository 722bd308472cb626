import FleetModel

/// The servers of all sources in the order of precedence, each under a name of its own.
///
/// What is the same server in several files (the same name and the same endpoints) is there once.
/// Of different servers with one name the first keeps it, and the others are told apart by whose
/// file they are in: `github`, `github (cursor)`, `github (cursor 2)`.
struct ServerRoster: Hashable, Sendable {
  private(set) var entries: [ServerEntry] = []
  /// All names that are written, those of broken and disabled servers too.
  private(set) var writtenNames: [String] = []
  private var takenNames: Set<String> = []

  /// The name that the next server written so would get.
  func freeName(for written: String, label: String) -> String {
    guard takenNames.contains(written) else { return written }
    var name = "\(written) (\(label))"
    var number = 1
    while takenNames.contains(name) {
      number += 1
      name = "\(written) (\(label) \(number))"
    }
    return name
  }

  /// The server that was written with this name and these endpoints before.
  func twin(of entry: ServerEntry) -> ServerEntry? {
    entries.first {
      $0.writtenName == entry.writtenName && Self.ways($0) == Self.ways(entry)
    }
  }

  /// Who has this written name already.
  func holder(of written: String) -> ServerEntry? {
    entries.first { $0.writtenName == written }
  }

  mutating func append(_ entry: ServerEntry) {
    entries.append(entry)
    reserve(entry.id.name)
  }

  /// Keeps the name of a broken server, so that the names of others do not hang on its mistakes.
  mutating func reserve(_ name: String) {
    takenNames.insert(name)
    note(name)
  }

  /// A name that is written, whoever runs.
  mutating func note(_ name: String) {
    if !writtenNames.contains(name) { writtenNames.append(name) }
  }

  /// Its endpoints, however headers and variables are sorted and whatever they are called.
  private static func ways(_ entry: ServerEntry) -> [Endpoint] {
    entry.endpoints.map(\.endpoint.sorted)
  }
}

extension Endpoint {
  /// The same with headers and variables in the order of their names.
  fileprivate var sorted: Endpoint {
    switch self {
    case .http(var endpoint):
      endpoint.headers = Self.sorted(endpoint.headers)
      return .http(endpoint)
    case .stdio(let command, let arguments, let environment, let directory):
      return .stdio(
        command: command, arguments: arguments, environment: Self.sorted(environment),
        workingDirectory: directory)
    case .bridge(var endpoint):
      endpoint.headers = Self.sorted(endpoint.headers)
      if case .stdio(let command, let arguments, let environment) = endpoint.target {
        endpoint.target = .stdio(
          command: command, arguments: arguments, environment: Self.sorted(environment))
      }
      return .bridge(endpoint)
    }
  }

  private static func sorted(_ headers: [HeaderField]) -> [HeaderField] {
    headers.map { HeaderField(name: $0.name.lowercased(), value: $0.value) }
      .sorted { ($0.name, $0.value) < ($1.name, $1.value) }
  }

  private static func sorted(_ variables: [EnvironmentVariable]) -> [EnvironmentVariable] {
    variables.sorted { ($0.name, $0.value) < ($1.name, $1.value) }
  }
}

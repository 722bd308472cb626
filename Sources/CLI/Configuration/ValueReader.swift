import FleetModel

/// Reads texts, lists and pairs of one server, with their variables; no value is in a message,
/// because it may be a secret.
struct ValueReader {
  let server: ServerID
  let context: FileContext
  var report = ConfigurationReport()

  init(server: ServerID, context: FileContext) {
    self.server = server
    self.context = context
  }

  /// nil when it is none, and the report says why.
  mutating func text(_ spot: Spot) -> String? {
    guard let text = spot.value.string else {
      fail(spot, "must be a string, not \(spot.value.kind); put it in quotes")
      return nil
    }
    do throws(VariableExpansion.Failure) {
      let expanded = try context.expansion.expand(text)
      guard !expanded.contains("\0") else {
        fail(spot, "holds a NUL character; remove it")
        return nil
      }
      return expanded
    } catch {
      fail(spot, error.message)
      return nil
    }
  }

  /// A text that is not empty.
  mutating func filledText(_ spot: Spot, _ cure: String) -> String? {
    let count = report.errors.count
    guard let text = text(spot), !text.isEmpty else {
      if report.errors.count == count { fail(spot, "is empty; " + cure) }
      return nil
    }
    return text
  }

  mutating func list(_ spot: Spot?) -> [String] {
    guard let spot else { return [] }
    guard let elements = spot.elements else {
      fail(spot, "must be an array of strings, not \(spot.value.kind)")
      return []
    }
    var texts: [String] = []
    for element in elements { if let text = text(element) { texts.append(text) } }
    return texts
  }

  mutating func pairs(
    _ spot: Spot?, fault: (String) -> String?
  ) -> [(name: String, value: String)] {
    guard let spot else { return [] }
    guard let members = spot.members else {
      fail(spot, "must be an object of strings, not \(spot.value.kind)")
      return []
    }
    var pairs: [(String, String)] = []
    for (name, value) in members {
      if let fault = fault(name) { fail(value, "'\(name)' \(fault)") }
      if let text = text(value) { pairs.append((name, text)) }
    }
    return pairs
  }

  /// The header fields of a request.
  mutating func headers(_ spot: Spot?) -> [HeaderField] {
    let headers = pairs(spot) { name in
      name.isEmpty || !name.utf8.allSatisfy(Self.isTokenByte) ? "is no name of a header" : nil
    }
    for (name, value) in headers where !value.utf8.allSatisfy(Self.isFieldByte) {
      guard let header = spot?[name] else { continue }
      fail(header, "has a control character in its value, such as a line end; remove it")
    }
    return headers.map { HeaderField(name: $0.name, value: $0.value) }
  }

  /// The variables of a child, those of `envFile` first.
  mutating func environment(of spot: Spot) -> [EnvironmentVariable] {
    var variables: [EnvironmentVariable] = []
    if let file = spot["envFile"], let path = filledText(file, "name a file") {
      variables = read(context.resolve(path, in: file.file), at: file)
    }
    let own = pairs(spot["env"]) { name in
      name.isEmpty || name.contains("=") || name.contains("\0")
        ? "is no name of a variable" : nil
    }
    for (name, value) in own {
      variables.removeAll { $0.name == name }
      variables.append(EnvironmentVariable(name: name, value: value))
    }
    return variables
  }

  private mutating func read(
    _ path: String, at spot: Spot
  ) -> [EnvironmentVariable] {
    report.addCompanion(path)
    do throws(FileError) {
      let bytes = try context.read(path)
      guard bytes.count <= EnvironmentFile.byteLimit else {
        fail(spot, "the file is larger than \(EnvironmentFile.byteLimit >> 20) MiB")
        return []
      }
      let (variables, faultyLine) = EnvironmentFile.read(bytes)
      if let faultyLine { fail(spot, "line \(faultyLine) of the file is not NAME=VALUE") }
      return variables
    } catch {
      fail(spot, "the file cannot be read: \(error.reason)")
      return []
    }
  }

  mutating func fail(_ spot: Spot, _ message: String) {
    report.fail(spot, message, server: server)
  }

  /// RFC 9110 §5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"):
      true
    default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
    }
  }

  /// RFC 9110 §5.5, with tab.
  private static func isFieldByte(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != 0x7F || byte == 0x09
  }
}

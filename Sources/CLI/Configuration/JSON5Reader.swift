/// Reads JSON5 (https://spec.json5.org) and with it JSON and JSONC, keeping the order of keys and
/// the place of every value.
struct JSON5Reader {
  static let byteLimit = 4 << 20
  /// Of a file of which only parts are kept: other programs put their whole history beside their
  /// servers.
  static let selectionByteLimit = 64 << 20
  /// Objects and arrays inside each other.
  static let depthLimit = 64
  /// Of keys written twice as many are told.
  static let duplicateLimit = 100
  /// Of a key in a message.
  private static let shownKeyLimit = 60

  /// From a container to a value in it.
  private enum Step {
    case key(String)
    case element(Int)
  }

  private var scanner: JSON5Scanner
  private var path: [Step] = []
  /// The first of them.
  private var duplicates: [JSON5Document.Duplicate] = []

  /// - Parameter selection: what is kept; what is passed over need not be sound.
  static func read(
    _ bytes: [UInt8], keeping selection: JSON5Selection = .all
  ) throws(JSON5Error) -> JSON5Document {
    let limit =
      switch selection {
      case .all: byteLimit
      case .members: selectionByteLimit
      }
    guard bytes.count <= limit else {
      throw JSON5Error(position: .start, message: "larger than \(limit >> 20) MiB")
    }
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw JSON5Error(position: .start, message: "not UTF-8 text; save it in UTF-8")
    }
    var reader = JSON5Reader(scanner: JSON5Scanner(bytes))
    return try reader.document(selection)
  }

  private init(scanner: JSON5Scanner) { self.scanner = scanner }

  private mutating func document(
    _ selection: JSON5Selection
  ) throws(JSON5Error) -> JSON5Document {
    try scanner.skipSpace()
    guard scanner.peek != nil else { throw scanner.error("the file is empty; write {} at least") }
    let root = try value(depth: 0, selection)
    try scanner.skipSpace()
    if let extra = scanner.peek {
      throw scanner.error("\(JSON5Scanner.shown(extra)) after the end of the document; remove it")
    }
    return JSON5Document(root: root, duplicates: duplicates)
  }

  private mutating func value(
    depth: Int, _ selection: JSON5Selection
  ) throws(JSON5Error) -> JSON5Value {
    let start = scanner.position
    let content: JSON5Value.Content
    switch scanner.peek {
    case "{": content = try object(depth: depth, selection)
    case "[": content = try array(depth: depth)
    case "\"", "'": content = .string(try scanner.quoted())
    case .some(let first): content = try word(startingWith: first)
    case nil: throw scanner.error("the file ends where a value belongs")
    }
    return JSON5Value(position: start, content: content)
  }

  private mutating func word(
    startingWith first: Unicode.Scalar
  ) throws(JSON5Error) -> JSON5Value.Content {
    let start = scanner.position
    let word = scanner.word()
    switch first {
    case "0"..."9", "+", "-", ".": return try JSON5Number.content(of: word, at: start)
    default: break
    }
    // Longer words are none of these.
    switch String(decoding: word.prefix(9), as: UTF8.self) {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "null": return .null
    case "":
      throw JSON5Error(
        position: start, message: "\(JSON5Scanner.shown(first)) where a value belongs")
    case "Infinity", "NaN": return try JSON5Number.content(of: word, at: start)
    default:
      // The word may be a secret that lacks its quotes, so it is not repeated.
      throw JSON5Error(position: start, message: "this is no value; put text in quotes")
    }
  }

  private mutating func object(
    depth: Int, _ selection: JSON5Selection
  ) throws(JSON5Error) -> JSON5Value.Content {
    let start = scanner.position
    guard depth < Self.depthLimit else {
      throw scanner.error("nested deeper than \(Self.depthLimit) levels")
    }
    scanner.advance()
    var members = Members()
    while true {
      try scanner.skipSpace()
      if scanner.peek == "}" { break }
      let place = scanner.position
      let key = try key(openedAt: start)
      try scanner.skipSpace()
      guard scanner.peek == ":" else {
        throw scanner.error("a ':' belongs after the key '\(key.prefix(Self.shownKeyLimit))'")
      }
      scanner.advance()
      try scanner.skipSpace()
      guard let inner = selection.member(key) else {
        try scanner.skipValue()
        guard try separator(before: "}", openedAt: start) else { break }
        continue
      }
      path.append(.key(key))
      let value = try value(depth: depth + 1, inner)
      path.removeLast()
      if let first = members.add(.init(key: key, position: place, value: value)) {
        report(key, first: first, second: place)
      }
      guard try separator(before: "}", openedAt: start) else { break }
    }
    scanner.advance()
    return .object(members.all)
  }

  private mutating func array(depth: Int) throws(JSON5Error) -> JSON5Value.Content {
    let start = scanner.position
    guard depth < Self.depthLimit else {
      throw scanner.error("nested deeper than \(Self.depthLimit) levels")
    }
    scanner.advance()
    var elements: [JSON5Value] = []
    while true {
      try scanner.skipSpace()
      if scanner.peek == "]" { break }
      path.append(.element(elements.count))
      elements.append(try value(depth: depth + 1, .all))
      path.removeLast()
      guard try separator(before: "]", openedAt: start) else { break }
    }
    scanner.advance()
    return .array(elements)
  }

  private mutating func report(_ key: String, first: SourcePosition, second: SourcePosition) {
    guard duplicates.count < Self.duplicateLimit else { return }
    var text = ""
    for step in path {
      switch step {
      case .key(let key): text += text.isEmpty ? key : "." + key
      case .element(let index): text += "[\(index)]"
      }
    }
    duplicates.append(.init(key: key, path: text, first: first, second: second))
  }

  /// After an element: true past a comma, false at the closing bracket.
  private mutating func separator(
    before end: Unicode.Scalar, openedAt start: SourcePosition
  ) throws(JSON5Error) -> Bool {
    try scanner.skipSpace()
    if scanner.peek == "," {
      scanner.advance()
      return true
    }
    if scanner.peek == end { return false }
    guard let found = scanner.peek else {
      throw scanner.error("the file ends before the '\(end)' of line \(start.line)")
    }
    throw scanner.error("\(JSON5Scanner.shown(found)) where ',' or '\(end)' belongs")
  }

  private mutating func key(openedAt start: SourcePosition) throws(JSON5Error) -> String {
    switch scanner.peek {
    case "\"", "'": return try scanner.quoted()
    case nil: throw scanner.error("the file ends before the '}' of line \(start.line)")
    case .some(let first): return try scanner.identifier(first)
    }
  }
}

/// Which members of a document are kept; the others are passed over.
enum JSON5Selection: Sendable {
  case all
  /// By their keys; nil for what is passed over.
  case members(@Sendable (String) -> JSON5Selection?)

  func member(_ key: String) -> JSON5Selection? {
    switch self {
    case .all: .all
    case .members(let choose): choose(key)
    }
  }
}

/// The members of an object while it is read.
private struct Members {
  private(set) var all: [JSON5Value.Member] = []
  private var places: [String: SourcePosition] = [:]
  /// A small object is searched faster than it is hashed.
  private static let searchLimit = 12

  /// - Returns: where the key was written first, if it was: then the member is left out.
  mutating func add(_ member: JSON5Value.Member) -> SourcePosition? {
    if all.count <= Self.searchLimit {
      if let first = all.first(where: { $0.key == member.key }) { return first.position }
      if all.count == Self.searchLimit {
        for known in all { places[known.key] = known.position }
      }
    } else if let first = places[member.key] {
      return first
    }
    if all.count >= Self.searchLimit { places[member.key] = member.position }
    all.append(member)
    return nil
  }
}

/// Why bytes are not a JSON document that we read.
package enum JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  case tooLarge(byteLimit: Int)
  case tooDeep(depthLimit: Int)
  /// Not JSON (RFC 8259) in UTF-8; the reason is the parser's own.
  case malformed(reason: String)

  package var description: String {
    switch self {
    case .tooLarge(let limit): "the document is larger than \(limit) bytes"
    case .tooDeep(let limit): "the document is nested deeper than \(limit) levels"
    case .malformed(let reason): "not JSON: \(reason)"
    }
  }
}

/// How large and how deep a document may be.
package struct JSONLimits: Hashable, Sendable {
  package var byteLimit: Int
  /// Objects and arrays inside each other.
  package var depthLimit: Int

  package init(byteLimit: Int, depthLimit: Int) {
    self.byteLimit = byteLimit
    self.depthLimit = depthLimit
  }

  /// 16 MiB, the largest answer that a transport takes, and 256 levels.
  package static let standard = JSONLimits(byteLimit: 16 << 20, depthLimit: 256)
}

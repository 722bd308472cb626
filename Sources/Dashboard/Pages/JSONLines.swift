import TerminalUI

/// JSON as a person reads it, a member a line. Takes any bytes: what is no JSON stays as it is, and
/// however much there is, only so much of it is looked at.
enum JSONLines {
  /// Bytes that are looked at.
  static let byteLimit = 65_536
  private static let depthLimit = 32

  /// - Parameters:
  ///   - width: columns of a line; longer ones go on below.
  ///   - limit: lines at most; the last one says that there is more.
  static func lines(of bytes: [UInt8], width: Int, limit: Int) -> [String] {
    guard limit > 0, width > 0 else { return [] }
    var writer = LineWriter(width: width, limit: limit)
    var (depth, isQuoted, isEscaped) = (0, false, false)
    let text = String(decoding: bytes.prefix(byteLimit), as: UTF8.self)
    for scalar in text.unicodeScalars where !writer.isFull {
      if isQuoted {
        writer.put(scalar)
        isQuoted = isEscaped || scalar != "\""
        isEscaped = !isEscaped && scalar == "\\"
        continue
      }
      switch scalar {
      case " ", "\n", "\t", "\r": break
      case "{", "[":
        writer.put(scalar)
        depth += 1
        writer.breakLine(indent: min(depth, depthLimit))
      case "}", "]":
        depth = max(0, depth - 1)
        writer.breakLine(indent: min(depth, depthLimit))
        writer.put(scalar)
      case ",":
        writer.put(scalar)
        writer.breakLine(indent: min(depth, depthLimit))
      case ":":
        writer.put(scalar)
        writer.put(" ")
      default:
        isQuoted = scalar == "\""
        writer.put(scalar)
      }
    }
    return writer.finish(isCut: bytes.count > byteLimit)
  }

  /// Fills lines of a width.
  private struct LineWriter {
    let width: Int
    let limit: Int
    private var lines: [String] = []
    private var line = ""
    private var used = 0
    /// Nothing but the indent stands on the line.
    private var isFresh = true

    init(width: Int, limit: Int) { (self.width, self.limit) = (width, limit) }

    var isFull: Bool { lines.count > limit }

    mutating func put(_ scalar: Unicode.Scalar) {
      let shown = ScreenScalar(scalar)
      guard shown.width > 0 else { return }
      if used + shown.width > width { wrap() }
      line.unicodeScalars.append(shown.scalar)
      used += shown.width
      isFresh = false
    }

    mutating func breakLine(indent: Int) {
      if !isFresh { wrap() }
      // Deep values keep half of the line.
      used = min(indent * 2, width / 2)
      line = String(repeating: " ", count: used)
      isFresh = true
    }

    private mutating func wrap() {
      lines.append(line)
      (line, used, isFresh) = ("", 0, true)
    }

    mutating func finish(isCut: Bool) -> [String] {
      if !isFresh { wrap() }
      guard isCut || lines.count > limit else { return lines }
      let kept = lines.prefix(max(0, limit - 1))
      return kept + ["(there is more of it: mcpdash dlq show)"]
    }
  }
}

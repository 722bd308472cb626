import FleetModel
import Telemetry

/// A line of the log that operators of ToolHive match on: a sentence, then `key=value` fields.
struct DiscoveryLogLine: Hashable, Sendable {
  enum Level: String, Hashable, Sendable {
    case info = "INFO"
    case warning = "WARNING"
    case error = "ERROR"
    case critical = "CRITICAL"

    var severity: Notice.Severity {
      switch self {
      case .info: .info
      case .warning: .warning
      case .error, .critical: .error
      }
    }
  }

  enum Value: Hashable, Sendable {
    case count(Int)
    /// Written as seconds with a fraction: `1.0`.
    case duration(Duration)
    /// Of outside text; quoted and cleaned.
    case text(String)
  }

  struct Field: Hashable, Sendable {
    var key: String
    var value: Value

    init(_ key: String, _ value: Value) { (self.key, self.value) = (key, value) }
  }

  var level: Level
  var sentence: String
  var fields: [Field]

  init(_ level: Level, _ sentence: String, _ fields: [Field] = []) {
    self.level = level
    self.sentence = sentence
    self.fields = fields
  }

  /// The sentence with its fields, clean.
  var text: String {
    ([sentence] + fields.map { "\($0.key)=\(Self.written($0.value))" }).joined(separator: " ")
  }

  /// `WARNING  ToolHive connection failed attempt=1 …`
  var line: String {
    let name = level.rawValue
    return name + String(repeating: " ", count: max(1, 9 - name.count)) + text
  }

  private static func written(_ value: Value) -> String {
    switch value {
    case .count(let count): String(count)
    case .duration(let duration): String(duration.seconds)
    case .text(let text):
      "\""
        + PlainText.clean(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        + "\""
    }
  }
}

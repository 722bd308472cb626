import FleetModel
import Wire

/// Everything that is wrong with the server at a time; the empty plan is a healthy server.
package struct FaultPlan: Hashable, Sendable {
  /// The listener is closed and clients are thrown out.
  struct Refusal: Hashable, Sendable {
    /// Seconds until it listens again; nil is until the plan changes.
    var seconds: Double?
  }

  var latency: Latency?
  /// In the order in which they are tried.
  var rules: [FaultRule] = []
  var refused: Refusal?
  /// Where it listens instead; 0 lets the kernel choose.
  var port: UInt16?
  /// Another number is another list of tools, announced to whoever listens.
  var toolsRevision = 0
  /// Names, descriptions and errors carry terminal escape sequences.
  var isHostile = false
  /// The status of `GET /health`; 404 is a server without one.
  var healthStatus = 200

  package init() {}

  static let settings =
    FaultRule.Name.allCases.map(\.rawValue)
    + ["latency", "refused", "port", "toolsRevision", "hostile", "health"]

  /// Reads an object of faults whose path begins with `path`.
  init(_ view: JSONView, path: String) throws(PlanError) {
    try merge(PlanField(view, path: path, name: path))
  }

  /// Takes over the members given; `null` ends that fault.
  mutating func merge(_ field: PlanField) throws(PlanError) {
    try field.allow(Self.settings)
    for member in field.members { try set(member) }
    rules.sort { Self.rank($0.name) < Self.rank($1.name) }
  }

  private static func rank(_ name: FaultRule.Name) -> Int {
    FaultRule.Name.allCases.firstIndex(of: name) ?? 0
  }

  private mutating func set(_ field: PlanField) throws(PlanError) {
    let isNull = field.view.isNull
    if let name = FaultRule.Name(rawValue: field.name) {
      rules.removeAll { $0.name == name }
      let given = field.view.kind == .array ? field.elements : isNull ? [] : [field]
      for element in given { rules.append(try FaultRule(name, element)) }
      return
    }
    switch field.name {
    case "latency": latency = isNull ? nil : try Latency(field)
    case "refused": refused = isNull ? nil : try Self.refusal(field)
    case "port": port = isNull ? nil : UInt16(try field.int(in: 0...65_535, "a port"))
    case "toolsRevision":
      toolsRevision = isNull ? 0 : try field.int(in: 0...1_000_000, "a revision")
    case "hostile": isHostile = isNull ? false : try field.flag()
    default: healthStatus = isNull ? 200 : try Self.health(field)
    }
  }

  private static func refusal(_ field: PlanField) throws(PlanError) -> Refusal? {
    if field.view.kind == .bool { return try field.flag() ? Refusal() : nil }
    try field.allow(["seconds"])
    return Refusal(
      seconds: try field.required("seconds").number(in: 0.001...86_400, "seconds"))
  }

  private static func health(_ field: PlanField) throws(PlanError) -> Int {
    if field.view.kind == .bool { return try field.flag() ? 200 : 404 }
    return try field.int(in: 200...599, "an HTTP status")
  }

  /// The plan in the form in which it is given.
  func write(to writer: inout JSONWriter) {
    writer.object {
      if let latency {
        $0.key("latency")
        latency.write(to: &$0)
      }
      for name in FaultRule.Name.allCases {
        let ofName = rules.filter { $0.name == name }
        guard !ofName.isEmpty else { continue }
        $0.key(name.rawValue)
        $0.array { for rule in ofName { rule.write(to: &$0) } }
      }
      if let refused {
        $0.key("refused")
        if let seconds = refused.seconds {
          $0.object { $0.member("seconds", seconds) }
        } else {
          $0.value(true)
        }
      }
      if let port { $0.member("port", port) }
      if toolsRevision != 0 { $0.member("toolsRevision", toolsRevision) }
      if isHostile { $0.member("hostile", true) }
      if healthStatus != 200 { $0.member("health", healthStatus) }
    }
  }
}

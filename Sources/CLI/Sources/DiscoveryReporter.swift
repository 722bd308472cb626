import FleetModel
import Telemetry
import Wire

/// Makes the reports of one source of workloads, and passes on only what is new.
actor DiscoveryReporter {
  private let kind: SourceSnapshot.Kind
  private let pass: @Sendable (SourceReport) async -> Void
  private var servers: [DiscoveredServer] = []
  private var last: SourceReport?

  init(
    kind: SourceSnapshot.Kind, _ pass: @escaping @Sendable (SourceReport) async -> Void
  ) {
    self.kind = kind
    self.pass = pass
  }

  /// The source was read.
  /// - Parameters:
  ///   - place: of the servers, which stays the same where ToolHive moves to another port.
  ///   - note: what else there is to say.
  func read(
    _ workloads: [ToolHiveWorkload], from address: String, place: String, note: String?
  ) async {
    servers = workloads.compactMap { workload in
      guard workload.status.isServed, let endpoint = workload.endpoint else { return nil }
      return DiscoveredServer(
        name: PlainText.clean(workload.fullName), endpoint: endpoint,
        source: Self.source(of: workload, place: place))
    }
    let left = workloads.filter { !$0.status.isServed || $0.endpoint == nil }
    let names = left.prefix(5).map { workload in
      let reason = workload.status.isServed ? "no usable address" : workload.status.rawValue
      return "\(workload.name) (\(reason))"
    }
    let more = left.count > names.count ? " and \(left.count - names.count) more" : ""
    let parts = [
      "\(servers.count) of \(workloads.count) workloads are served",
      names.isEmpty ? nil : "not: " + names.joined(separator: ", ") + more, note,
    ]
    await tell(
      address, isWell: true, PlainText.clean(parts.compactMap(\.self).joined(separator: "; ")))
  }

  /// It could not be read; its servers stay as they were, for their own proxies may well run.
  func failed(_ text: String, at address: String) async {
    await tell(address, isWell: false, PlainText.clean(text))
  }

  private func tell(_ address: String, isWell: Bool, _ text: String) async {
    let report = SourceReport(
      snapshot: SourceSnapshot(
        name: "\(kind.rawValue) \(address)", kind: kind, serverCount: servers.count,
        isWell: isWell, text: text), servers: servers)
    guard report != last else { return }
    last = report
    await pass(report)
  }

  private static func source(of workload: ToolHiveWorkload, place: String) -> String {
    let details = [
      workload.group.isEmpty ? nil : "group \(workload.group)",
      workload.isRemote ? "remote" : nil,
      workload.tools.isEmpty ? nil : "tools " + workload.tools.joined(separator: ", "),
    ].compactMap(\.self)
    return PlainText.clean(
      "\(place): \(workload.name)"
        + (details.isEmpty ? "" : " (" + details.joined(separator: "; ") + ")"))
  }
}

import FleetModel
import Gateway
import Wire

/// One place that an engine's servers come from, as the control interface tells of it.
struct SourcePicture: Hashable, Sendable {
  var name: String
  var kind: SourceSnapshot.Kind
  var serverCount: Int
  var isWell: Bool
  /// May be hostile.
  var text: String

  /// Of a snapshot.
  static func all(in response: ControlResponse) -> [SourcePicture] {
    response.view?.member("sources")?.elements.compactMap { source in
      guard let name = source.member("name")?.string else { return nil }
      return SourcePicture(
        name: name,
        kind: source.member("kind")?.string.flatMap { SourceSnapshot.Kind(rawValue: $0) } ?? .file,
        serverCount: source.member("servers")?.int ?? 0,
        isWell: source.member("well")?.bool ?? true, text: source.member("text")?.string ?? "")
    } ?? []
  }
}

import FleetModel

extension ServerIdentity {
  /// Digits of a digest that a person compares; two that differ almost surely differ in them.
  private static let digitCount = 16

  /// `fileserver, tools 3f2a91bc0d11aa02…`
  var words: String {
    let name = name.isEmpty ? "a server without a name" : name
    return "\(name), tools \(toolsDigest.prefix(Self.digitCount))…"
  }
}

extension ImpostorSnapshot {
  var foundWords: String { "\(found.words) at \(address)" }

  /// Who should answer there and who does, and in what they differ.
  var words: [String] {
    let isRenamed = expected.name != found.name
    let isRetooled = expected.toolsDigest != found.toolsDigest
    let difference =
      isRenamed && isRetooled
      ? "name and tools differ" : isRenamed ? "the tools are the same" : "the name is the same"
    return ["expected: \(expected.words)", "found: \(foundWords)", difference]
  }
}

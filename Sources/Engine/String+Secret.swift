import FleetModel

extension String {
  /// With `…` wherever one of them stands in it.
  func without(_ secrets: [Secret]) -> String {
    // The longest first: one may be a part of another.
    Set(secrets).sorted {
      ($1.value.utf8.count, $0.value) < ($0.value.utf8.count, $1.value)
    }.reduce(self) { $0.without($1) }
  }

  /// With `…` wherever the secret stands in it.
  func without(_ secret: Secret) -> String {
    let (text, hidden) = (Array(utf8), Array(secret.value.utf8))
    guard !hidden.isEmpty, text.count >= hidden.count else { return self }
    var kept: [UInt8] = []
    var index = 0
    while index < text.count {
      if text[index...].starts(with: hidden) {
        kept += "…".utf8
        index += hidden.count
      } else {
        kept.append(text[index])
        index += 1
      }
    }
    return String(decoding: kept, as: UTF8.self)
  }
}

import FleetModel

extension String {
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

package import FleetModel

extension DeadLetterPage {
  /// Bytes of the params of one answer's letters; the last letter may go beyond it.
  package static let portionLimit = 4 << 20

  /// As much of the page as one answer carries, the first letter in any case.
  var portion: DeadLetterPage {
    var byteCount = 0
    for (index, letter) in letters.enumerated() {
      byteCount += letter.params.bytes.count + (letter.original?.bytes.count ?? 0)
      guard byteCount > Self.portionLimit, index + 1 < letters.count else { continue }
      return DeadLetterPage(
        letters: Array(letters[...index]), next: DeadLetterCursor(after: letter))
    }
    return self
  }
}

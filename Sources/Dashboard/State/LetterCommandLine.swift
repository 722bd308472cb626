import FleetModel

/// The command that sends a letter with other arguments, for a shell in another window.
///
/// The screen opens no editor: it would have to give up the terminal that it draws on, and a
/// letter's arguments would lie in a file.
enum LetterCommandLine {
  /// - Returns: nil for an id that no shell can be given safely.
  static func replay(_ id: DeadLetterID) -> String? {
    let scalars = id.text.unicodeScalars
    guard scalars.allSatisfy({ (0x20..<0x7F).contains($0.value) }) else { return nil }
    let isPlain = scalars.allSatisfy { scalar in
      scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
        || "-_.".contains(
          Character(scalar))
    }
    let word = isPlain ? id.text : "'\(id.text.replacing("'", with: #"'\''"#))'"
    // A name that begins so would be taken for a flag.
    return id.text.hasPrefix("-")
      ? "mcpdash dlq replay --arguments - -- \(word)"
      : "mcpdash dlq replay \(word) --arguments -"
  }
}

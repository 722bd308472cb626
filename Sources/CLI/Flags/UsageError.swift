/// Why the words of the command line make no sense, and what would.
struct UsageError: Error, Hashable, Sendable {
  var message: String
  /// What to explain besides; nil where the message says all.
  var command: CommandName?
  var status = ExitStatus.usage

  /// With where to read more.
  var text: String {
    let words = (command?.words ?? []).joined(separator: " ")
    return "mcpdash: \(message)\nTry 'mcpdash \(words.isEmpty ? "" : words + " ")--help'."
  }
}

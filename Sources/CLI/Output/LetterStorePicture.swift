import Wire

/// The store of dead letters as `check` tells it.
struct LetterStorePicture: Hashable, Sendable {
  enum State: String, Sendable {
    /// Chosen, and nobody asked it.
    case set
    /// It answers.
    case well
    case ill
  }

  /// A path or an address, without credentials.
  var place: String
  /// Who says so.
  var origin: String
  var trouble: String?
  /// Open letters; nil where nobody asked.
  var size: Int?

  var state: State { trouble != nil ? .ill : size != nil ? .well : .set }

  /// Not clean yet.
  var words: String {
    let count = size.map { ", \(ConfigurationText.count($0, "open letter"))" } ?? ""
    return "\(place) (\(origin))" + (trouble.map { ": \($0)" } ?? count)
  }

  init(_ choice: LetterStoreChoice) {
    place = choice.place.words
    origin = choice.origin
  }

  /// What an engine's snapshot says of it.
  /// - Parameter isOwn: of an engine that was started with this choice.
  mutating func observe(_ snapshot: JSONView, isOwn: Bool) {
    guard let letters = snapshot.member("deadLetters"),
      let store = letters.member("store")?.string, !store.isEmpty
    else { return }
    if !isOwn, store != place {
      place = store
      origin = "of the running mcpdash"
    }
    trouble = letters.member("trouble")?.string
    size = letters.member("size")?.int
  }
}

import FleetModel
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
  /// What becomes of letters when it fails; nil where nobody asked.
  var durability: DeadLetterDurability?
  private var isObserved = false
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
    isObserved = true
    trouble = letters.member("trouble")?.string
    durability = letters.member("durability").flatMap { view in
      let grade = view.member("grade")?.string.flatMap { DeadLetterDurability.Grade(rawValue: $0) }
      return grade.map { DeadLetterDurability($0, view.member("text")?.string ?? "") }
    }
    // Before the store has answered an engine counts none.
    size = durability == nil ? nil : letters.member("size")?.int
  }

  /// An engine was asked, and its store has not answered yet.
  var isAwaited: Bool { isObserved && trouble == nil && durability == nil }
}

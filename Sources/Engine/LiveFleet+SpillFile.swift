import FleetModel
import Wire

// What the store does not take outlives the engine in a file.
extension LiveFleet {
  /// Lines that are no letters stay where they are, and are told: this version may be too old for
  /// them.
  func restoreSpill() {
    guard let spillFile else { return }
    let lines: [[UInt8]]
    do throws(SpillFileError) { lines = try spillFile.read() } catch {
      let text = "dead letters of the last run cannot be read from \(spillFile.path)"
      return handle(FleetEvent.announced(.error, "\(text): \(error.message)"))
    }
    var letters: [DeadLetter] = []
    var faults: [(line: Int, words: String)] = []
    for (index, line) in lines.enumerated() {
      let letter = LetterCodec.decode(
        line, storedUnder: nil, lifetime: machine.deadLetterPolicy.lifetime, now: host.wallClock)
      if let fault = letter.fault {
        faults.append((index + 1, fault))
      } else {
        restored.lines.insert(line)
        if restored.ids.insert(letter.id).inserted { letters.append(letter) }
      }
    }
    if let first = faults.first {
      let count = faults.count == 1 ? "1 line" : "\(faults.count) lines"
      handle(
        FleetEvent.announced(
          .error,
          "\(count) of \(spillFile.path) cannot be read as dead letters and stay there: line "
            + "\(first.line): \(first.words)"))
    }
    if !letters.isEmpty { handle(LetterDesk.Event.restore(letters)) }
  }

  /// - Returns: what to tell a person of letters that are lost.
  func saveSpill() -> String? {
    let letters = desk.spilled
    guard !letters.isEmpty else { return nil }
    var reason = "the store does not work"
    if let spillFile {
      do throws(SpillFileError) {
        try spillFile.exchange(restored.lines, for: letters.map { LetterCodec.encode($0).bytes })
        return nil
      } catch {
        reason += ", and \(spillFile.path) cannot be written: \(error.message)"
      }
    }
    // Those of the last run are in the file still.
    let lost = letters.count { !restored.ids.contains($0.id) }
    guard lost > 0 else { return nil }
    return "\(lost == 1 ? "1 dead letter is" : "\(lost) dead letters are") lost: \(reason)"
  }

  func forgetSpill() {
    guard let spillFile else { return }
    do throws(SpillFileError) {
      try spillFile.exchange(restored.lines, for: [])
      restored = RestoredLetters()
    } catch {
      let text = "\(spillFile.path) cannot be removed, and is read again at the next start"
      handle(FleetEvent.announced(.warning, "\(text): \(error.message)"))
    }
  }
}

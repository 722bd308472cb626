import FleetModel
import TerminalUI

// The dialog of deeds on dead letters: y and F do it, the word does where there is no way back,
// and the rest changes how it is done.
extension ViewState {
  mutating func press(_ key: Key, on dialog: LetterDialog) -> [Effect] {
    if dialog.isTyped { return type(key, into: dialog) }
    switch key {
    case .character("y"): return reply(.yes, to: dialog)
    case .character("F"): return reply(.force, to: dialog)
    case .character("w"): return choose(.wait, in: dialog)
    case .character("p"): return choose(.pace, in: dialog)
    case .character("d"): return choose(.rehearse, in: dialog)
    case .escape, .enter, .character("n"), .character("q"): return reply(.no, to: dialog)
    default: return []  // Keys are many; every other one leaves the question standing.
    }
  }

  private mutating func type(_ key: Key, into dialog: LetterDialog) -> [Effect] {
    var dialog = dialog
    switch key {
    case .escape: return reply(.no, to: dialog)
    case .enter: return reply(.yes, to: dialog)
    default: guard dialog.typed.edit(key, limit: LetterDialog.word.count) else { return [] }
    }
    overlay = .letters(dialog)
    return []
  }

  mutating func choose(_ option: LetterDialog.Option, in dialog: LetterDialog) -> [Effect] {
    guard dialog.deed == .replay else { return [] }
    var (dialog, effects) = (dialog, [Effect]())
    switch option {
    case .wait: dialog.toggleWait()
    case .pace: dialog.choosePace()
    case .rehearse:
      guard dialog.rehearsal?.number == nil else { return [] }
      lastQuestion += 1
      dialog.rehearse(lastQuestion)
      effects = [.rehearse(lastQuestion, dialog.order(isDryRun: true, owner: owner))]
    }
    overlay = .letters(dialog)
    return effects
  }

  /// The one place where a command on dead letters leaves the dashboard.
  mutating func reply(_ answer: Confirmation.Answer, to dialog: LetterDialog) -> [Effect] {
    switch answer {
    case .no:
      overlay = nil
      return []
    case .yes: guard dialog.isArmed else { return [] }
    case .force: guard dialog.isForceOffered else { return [] }
    }
    overlay = nil
    if let course = dialog.course {
      self.answer = CommandAnswer(text: course, kind: .underWay, since: latest?.at)
    }
    changeBrowser { $0.unmark() }
    return [.perform(dialog.command(isForced: answer == .force, owner: owner))]
  }
}

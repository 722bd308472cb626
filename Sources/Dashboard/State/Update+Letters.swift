import FleetModel
import TerminalUI

// The dead-letter page: its keys, its filter, and its questions to the store.
extension ViewState {
  /// Does something to the dead-letter page, where it is the one on top.
  mutating func changeBrowser(_ body: (inout DeadLetterBrowser) -> Void) {
    guard case .deadLetters(var browser) = pages.last else { return }
    body(&browser)
    pages[pages.count - 1] = .deadLetters(browser)
  }

  mutating func settleLetters() {
    guard case .deadLetters = pages.last else { return }
    let layout = DeadLetterLayout(self)
    var isReadGone = false
    changeBrowser { isReadGone = $0.settle(rowCount: layout.listRowCount) }
    if isReadGone { refuse("the letter you read is not listed any more") }
    guard case .deadLetters(let browser) = pages.last, browser.isReading else { return }
    guard let letter = browser.selected, let shown else {
      return changeBrowser { $0.isReading = false }
    }
    let sheet = LetterSheet(letter, in: shown, width: layout.reading.size.columns - 2)
    let last = max(0, sheet.lines(now: shown.at).count - (layout.reading.size.rows - 2))
    changeBrowser { $0.readingTop = min(max(0, $0.readingTop), last) }
  }

  /// What the page on top wants to know of the store just now.
  mutating func letterQuestions() -> [Effect] {
    guard let latest else { return [] }
    var (effects, number) = ([Effect](), lastQuestion)
    let isStill = isPaused
    changeBrowser { browser in
      effects = browser.questions(latest, isStill: isStill) {
        number += 1
        return number
      }
    }
    lastQuestion = number
    return effects
  }

  /// Back by one step within the page; false when there is none left.
  mutating func stepBackInLetters() -> Bool {
    guard case .deadLetters(let browser) = pages.last else { return false }
    if browser.isReading {
      changeBrowser { $0.isReading = false }
    } else if !browser.query.text.isEmpty {
      changeBrowser { $0.apply(LetterQuery()) }
    } else {
      return false
    }
    return true
  }

  // MARK: Deeds

  /// Opens the dialog of a deed, where there is something to do it to.
  mutating func askAboutLetters(_ id: Action.ID, _ browser: DeadLetterBrowser) {
    let deeds: [Action.ID: LetterChoice.Deed] = [
      .replay: .replay, .discard: .discard, .deleteLetters: .delete,
    ]
    guard let deed = deeds[id] else { return }
    do throws(LetterRefusal) {
      overlay = .letters(LetterDialog(deed, try browser.choice(for: deed, in: latest)))
    } catch {
      refuse(error.words)
    }
  }

  /// All that match, as of now.
  mutating func markEverything() {
    guard let now = latest?.at else { return }
    changeBrowser { $0.toggleEverything(now: now) }
  }

  mutating func dismissReplays() {
    let ended = latest?.deadLetters.replays.filter { $0.endedAt != nil } ?? []
    dismissedReplays.formUnion(ended.map(\.number))
  }

  mutating func stopReplay() -> [Effect] {
    let running = latest?.deadLetters.replays.filter { $0.endedAt == nil } ?? []
    guard let newest = running.last(where: { !$0.isStopping }) else {
      refuse(running.isEmpty ? "no replay runs" : "it is stopping: it ends what is on the wire")
      return []
    }
    return [.perform(.stopReplay(newest.number))]
  }

  mutating func copyCommand() -> [Effect] {
    guard case .deadLetters(let browser) = pages.last, let letter = browser.selected else {
      return []
    }
    guard letter.fault == nil else {
      refuse("it cannot be read: it can only be deleted (D)")
      return []
    }
    guard let line = LetterCommandLine.replay(letter.id) else {
      refuse("no shell can be given its name safely")
      return []
    }
    say("copied, new arguments go to its input: \(line)")
    return [.copy(line)]
  }

  // MARK: Filter

  mutating func beginFilter() {
    isEditingFilter = true
    changeBrowser { $0.draft = $0.query.text }
  }

  /// Another term instead of what the filter says of it, such as this letter's server.
  mutating func narrow(_ field: LetterQuery.Field, to name: (DeadLetter) -> String) {
    guard case .deadLetters(let browser) = pages.last, let letter = browser.selected else { return }
    let value = name(letter)
    guard let term = LetterFilterWord.term(field, value) else {
      return refuse("no filter can hold its name")
    }
    if field == .server, browser.server != nil { return refuse("they are all of \(value)") }
    let others = LetterFilterWord.split(browser.query.text).filter { word in
      word.field?.lowercased() != field.rawValue
    }
    let words = others.map(\.written) + [term]
    applyFilter(words.joined(separator: " "))
    if case .deadLetters(let browser) = pages.last, let problem = browser.problem {
      refuse(problem)
    }
  }

  /// Typing into the filter of the letters, which goes to the store with Enter.
  mutating func editLetterFilter(_ key: Key) -> Bool {
    guard case .deadLetters(var browser) = pages.last else { return false }
    switch key {
    case .enter: applyFilter(browser.draft)
    case .escape:
      isEditingFilter = false
      changeBrowser { $0.apply(LetterQuery()) }
    case .tab:
      let hint = LetterFilterHint(shown, browser.letters)
      if let text = hint.completion(of: browser.draft), text.count <= LetterQuery.textLimit {
        changeBrowser { $0.draft = text }
      }
    default:
      guard browser.draft.edit(key, limit: LetterQuery.textLimit) else { return false }
      changeBrowser { $0.draft = browser.draft }
    }
    return true
  }

  /// A filter with a wrong term is not applied; it stays to be mended.
  private mutating func applyFilter(_ text: String) {
    do throws(LetterQuery.Problem) {
      let query = try LetterQuery(text)
      if query.namesServer, case .deadLetters(let browser) = pages.last,
        let server = browser.server
      {
        throw LetterQuery.Problem(words: "this page is of \(server) alone: leave server: out")
      }
      isEditingFilter = false
      changeBrowser { $0.apply(query) }
    } catch {
      changeBrowser { $0.problem = error.words }
    }
  }
}

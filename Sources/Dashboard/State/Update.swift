import FleetModel
import TerminalUI

extension ViewState {
  /// Takes in one message and says what the program around has to do.
  package mutating func update(_ message: Message) -> [Effect] {
    let effects = take(message)
    settle()
    return effects + letterQuestions()
  }

  private mutating func take(_ message: Message) -> [Effect] {
    switch message {
    case .snapshot(let snapshot):
      latest = snapshot
      expireAnswer(at: snapshot.at)
      return []
    case .commandFinished(let result):
      switch result {
      case .success(let receipt):
        let isWhole = receipt.replay.map { $0 == ReplayCount(delivered: $0.delivered) } ?? true
        answer = CommandAnswer(
          text: receipt.text, kind: isWhole ? .done : .partly, since: latest?.at)
        changeBrowser { $0.settleMarks(isDone: true) }
      case .failure(let error):
        refuse(error.sentence)
        changeBrowser { $0.settleMarks(isDone: false) }
      }
      changeBrowser { $0.becomeDue() }
      return []
    case .lettersRead(let number, let result):
      let now = latest?.at
      changeBrowser { $0.take(number, result, at: now) }
      return []
    case .lettersCounted(let number, let result):
      changeBrowser { $0.takeCount(number, result) }
      return []
    case .rehearsed(let number, let result):
      guard case .letters(var dialog) = overlay else { return [] }
      if dialog.take(number, result) { overlay = .letters(dialog) }
      return []
    case .input(.resize(let size)):
      self.size = size
      return []
    case .input(.key(let key)): return press(key)
    case .input(.paste(let text)):
      paste(text)
      return []
    case .input(.mouse(let event)): return click(event)
    }
  }

  /// What an on-screen notice asks for a screen too small for anything else.
  var isTooSmall: Bool { Breakpoint(size) == .tooSmall }

  private mutating func expireAnswer(at now: Timestamp) {
    guard let since = answer?.since else {
      answer?.since = now
      return
    }
    let age = since.seconds(until: now)
    guard answer?.kind != .underWay else { return }
    if age < 0 || age >= Self.answerSeconds { answer = nil }
  }

  /// Keeps what is selected on the screen, and on the server it was on.
  private mutating func settle() {
    guard let shown else { return }
    let rows = rows(of: shown)
    if selection == nil { selection = rows.servers.first?.id }
    if let row = rows.servers.firstIndex(where: { $0.id == selection }) { selectedRow = row }
    let height = Arrangement(self, serverCount: shown.servers.count).fleetRowCount
    fleetTop = Scroll.top(
      fleetTop, selected: selectedIndex(in: rows), count: rows.servers.count, rows: height)
    if case .server(let id) = pages.last {
      let layout = shown.server(id).map { ServerLayout(size: size, server: $0, now: shown.at) }
      serverTop = min(max(0, serverTop), layout?.lastTop ?? 0)
    }
    settleLetters()
  }

  private mutating func press(_ key: Key) -> [Effect] {
    if key == .control("c") { return [.quit] }
    if isTooSmall { return key == .character("q") ? [.quit] : [] }
    if let overlay { return press(key, on: overlay) }
    if isEditingFilter, editFilter(key) { return [] }
    pendingKeys.append(key)
    var match = ActionTable.match(pendingKeys, in: scope)
    if match == .nothing, pendingKeys.count > 1 {
      pendingKeys = [key]
      match = ActionTable.match(pendingKeys, in: scope)
    }
    if match == .prefix { return [] }
    pendingKeys = []
    guard case .action(let id) = match else { return [] }
    return run(id)
  }

  private mutating func press(_ key: Key, on overlay: Overlay) -> [Effect] {
    switch overlay {
    case .confirm(let confirmation):
      switch key {
      case .character("y"): return reply(.yes, to: confirmation)
      case .escape, .enter, .character("n"), .character("q"):
        return reply(.no, to: confirmation)
      default: return []  // Keys are many; every other one leaves the question standing.
      }
    case .help(let top):
      pressHelp(key, top: top)
      return []
    case .sources(let top):
      pressSources(key, top: top)
      return []
    case .palette(let palette): return press(key, palette: palette)
    case .letters(let dialog): return press(key, on: dialog)
    case .override(let request): return press(key, request: request)
    }
  }

  /// The one place where a dangerous command leaves the dashboard.
  mutating func reply(
    _ reply: Confirmation.Answer, to confirmation: Confirmation
  ) -> [Effect] {
    overlay = nil
    switch reply {
    case .yes: return [.perform(confirmation.command)]
    case .no, .force: return []
    }
  }

  private mutating func pressHelp(_ key: Key, top: Int) {
    switch key {
    case .up, .character("k"): overlay = .help(top: max(0, top - 1))
    case .down, .character("j"): overlay = .help(top: top + 1)
    case .pageUp: overlay = .help(top: max(0, top - 10))
    case .pageDown, .character(" "): overlay = .help(top: top + 10)
    case .escape, .enter, .character("q"), .character("?"), .function(1): overlay = nil
    default: return
    }
    if case .help(let wanted) = overlay {
      overlay = .help(top: min(wanted, HelpOverlay(scope: scope, size: size).lastTop))
    }
  }

  private mutating func press(_ key: Key, palette: Palette) -> [Effect] {
    var palette = palette
    let actions = palette.actions(in: scope)
    switch key {
    case .escape:
      overlay = nil
      return []
    case .enter:
      overlay = nil
      return actions.indices.contains(palette.index) ? run(actions[palette.index].id) : []
    case .up: palette.index = max(0, palette.index - 1)
    case .down: palette.index = max(0, min(actions.count - 1, palette.index + 1))
    default:
      guard palette.query.edit(key) else { return [] }
      palette.index = 0
    }
    overlay = .palette(palette)
    return []
  }

  /// Typing into the filter; false leaves the key to the page, so that arrows still move.
  private mutating func editFilter(_ key: Key) -> Bool {
    if case .deadLetters = pages.last { return editLetterFilter(key) }
    switch key {
    case .enter: isEditingFilter = false
    case .escape:
      isEditingFilter = false
      filter = ""
    default: return filter.edit(key)
    }
    return true
  }

  /// A paste never answers a question and never is a command.
  private mutating func paste(_ text: String) {
    guard !isTooSmall else { return }
    if case .override(let request) = overlay { return paste(text, into: request) }
    guard overlay == nil, isEditingFilter else { return }
    for character in text.prefix(LetterQuery.textLimit) { _ = editFilter(.character(character)) }
  }
}

extension String {
  /// One key into a line of typed text; false when the key is not for it.
  mutating func edit(_ key: Key, limit: Int = Palette.queryLimit) -> Bool {
    switch key {
    case .character(let character):
      guard count < limit,
        character.unicodeScalars.allSatisfy({ ScreenScalar($0).scalar == $0 })
      else { return true }
      append(character)
    case .backspace: if !isEmpty { removeLast() }
    case .control("u"): self = ""
    default: return false
    }
    return true
  }
}

extension CommandError {
  /// What the operator reads.
  var sentence: String {
    switch self {
    case .unknownServer(let name, let known):
      "no server \(name); there are " + known.joined(separator: ", ")
    case .noSuchDeadLetter(let id): "dead letter \(id) is not there any more"
    // It names the store, and why comes last: nothing may push it off a small screen.
    case .store(let text): text
    case .invalid(let text): text
    case .unreachable(let text): "the engine cannot be reached: \(text)"
    }
  }
}

import FleetModel
import Gateway
import Telemetry
import Wire

/// `mcpdash dlq …`
struct DeadLetterCommands {
  let context: CommandContext

  func run(_ request: DeadLetterRequest) async throws(CommandFailure) -> ExitStatus {
    switch request {
    case .list(let request): try await list(request)
    case .show(let ids, let isJSON): return try await show(ids, isJSON: isJSON)
    case .replay(let request):
      return try await LetterReplayCommand(context: context, request: request).run()
    case .stop(let number, let isJSON):
      let door = try await context.stoppingDoor()
      try await carryOut(.stopReplay(number), through: door, isJSON: isJSON)
    case .discard(let choice, let isJSON):
      guard let door = try await context.letterDoor() else {
        try tellOfNone("discarded", isJSON: isJSON)
        return .success
      }
      let selection = choice.selection(now: context.wallClock())
      try await carryOut(.discard(selection), through: door, isJSON: isJSON)
    case .delete(let ids, let isJSON): return try await delete(ids, isJSON: isJSON)
    case .purge(let choice, let isSure, let isJSON):
      return try await purge(choice, isSure: isSure, isJSON: isJSON)
    case .statistics(let isJSON): try await statistics(isJSON: isJSON)
    case .export(let request):
      return try await LetterTransfer(context: context).export(request)
    case .take(let path, let isJSON):
      return try await LetterTransfer(context: context).take(from: path, isJSON: isJSON)
    }
    return .success
  }

  private func list(_ request: LetterListRequest) async throws(CommandFailure) {
    let selection = request.choice.selection(now: context.wallClock())
    guard let door = try await context.letterDoor() else {
      if request.isJSON { try context.print("{\"entries\":[],\"next\":null}\n") }
      return
    }
    try await show(
      .deadLetters(
        selection, after: request.cursor, limit: request.limit, format(request.isJSON)),
      through: door, about: selection.server)
  }

  private func statistics(isJSON: Bool) async throws(CommandFailure) {
    guard let door = try await context.letterDoor() else {
      if isJSON {
        try context.print(DeadLetterStatisticsTable.json(DeadLetterStatistics()).text + "\n")
      }
      return
    }
    try await show(.deadLetterStatistics(format(isJSON)), through: door)
  }

  private func format(_ isJSON: Bool) -> ControlRequest.Format {
    isJSON ? .json : .text(columns: context.columns)
  }

  /// Prints an answer as it came, and closes the door.
  private func show(
    _ request: ControlRequest, through door: any EngineDoor, about server: String? = nil
  ) async throws(CommandFailure) {
    let response = try await context.asking(door) { door throws(CommandFailure) in
      try await context.ask(door, request, about: server)
    }
    try context.print(bytes: response.body)
  }

  private func carryOut(
    _ command: Command, through door: any EngineDoor, isJSON: Bool
  ) async throws(CommandFailure) {
    let response = try await context.asking(door) { door throws(CommandFailure) in
      try await context.ask(door, .perform(command), about: command.server)
    }
    try context.print(response, isJSON: isJSON)
  }

  /// The receipt of a change where there is no store yet; a person was told by the door.
  private func tellOfNone(_ done: String, isJSON: Bool) throws(CommandFailure) {
    guard isJSON else { return }
    let receipt = CommandReceipt(text: "0 dead letters \(done)", letters: 0)
    try context.print(ReceiptJSON.render(receipt).text + "\n")
  }

  // MARK: - One by one

  private func show(
    _ ids: [DeadLetterID], isJSON: Bool
  ) async throws(CommandFailure) -> ExitStatus {
    var found: [(id: DeadLetterID, entry: JSONView)] = []
    if let door = try await context.letterDoor() {
      found = try await context.asking(door) { door throws(CommandFailure) in
        try await entries(ids, through: door)
      }
    }
    if isJSON {
      try context.print(DeadLetterText.json(found.map(\.entry)))
    } else {
      let texts = found.map { DeadLetterText.details($0.entry) }
      try context.print(texts.joined(separator: "\n"))
    }
    let missing = ids.filter { id in !found.contains { $0.id == id } }
    for id in missing { context.complain("there is no dead letter \(id)") }
    return missing.isEmpty ? .success : .failure
  }

  /// Those that there are, in the order asked for; one question each, for a letter may be large.
  private func entries(
    _ ids: [DeadLetterID], through door: any EngineDoor
  ) async throws(CommandFailure) -> [(id: DeadLetterID, entry: JSONView)] {
    var found: [(id: DeadLetterID, entry: JSONView)] = []
    for id in ids {
      let response = try await context.ask(door, .deadLetters(.ids([id]), limit: 1, .json))
      guard let entries = response.view?.member("entries") else {
        throw CommandFailure(.unexpectedAnswer(status: response.status))
      }
      for entry in entries.elements { found.append((id, entry)) }
    }
    return found
  }

  private func delete(
    _ ids: [DeadLetterID], isJSON: Bool
  ) async throws(CommandFailure) -> ExitStatus {
    guard let door = try await context.letterDoor() else {
      try tellOfNone("deleted", isJSON: isJSON)
      return .failure
    }
    let response = try await context.asking(door) { door throws(CommandFailure) in
      try await context.ask(door, .perform(.delete(.ids(ids))))
    }
    try context.print(response, isJSON: isJSON)
    let count = try context.receipt(of: response).letters
    return count.map { $0 < Set(ids).count } ?? false ? .failure : .success
  }

  // MARK: - Purge

  private func purge(
    _ choice: LetterChoice, isSure: Bool, isJSON: Bool
  ) async throws(CommandFailure) -> ExitStatus {
    let now = context.wallClock()
    var selection = choice.selection(now: now)
    if case .matching(var filter) = selection {
      // Nothing goes that nobody was asked about.
      filter.before = filter.before ?? now
      selection = .matching(filter)
    }
    guard let door = try await context.letterDoor() else {
      try tellOfNone("deleted", isJSON: isJSON)
      return .success
    }
    let chosen = selection
    return try await context.asking(door) { door throws(CommandFailure) in
      let answer = try await context.ask(door, .deadLetterCount(chosen), about: chosen.server)
      let count: Int
      do throws(ControlClientError) { count = try answer.letterCount() } catch {
        throw CommandFailure(error)
      }
      if !isSure, count > 0, try !isAgreed(to: count) {
        context.complain("nothing was deleted")
        return .failure
      }
      let response = try await context.ask(door, .perform(.delete(chosen)))
      try context.print(response, isJSON: isJSON)
      return .success
    }
  }

  private func isAgreed(to count: Int) throws(CommandFailure) -> Bool {
    let letters = ConfigurationText.count(count, "dead letter")
    guard let question = context.console.question else {
      throw CommandFailure(
        "\(letters) would be deleted for good, and there is no terminal to ask on; say --yes",
        .usage)
    }
    return question("Delete \(letters) for good? [y/N] ")
  }
}

extension DeadLetterSelection {
  /// The one server it names.
  var server: String? {
    switch self {
    case .ids: nil
    case .matching(let filter): filter.server?.name
    }
  }
}

extension Command {
  fileprivate var server: String? {
    switch self {
    case .discard(let selection), .delete(let selection): selection.server
    case .replay(let order): order.selection.server
    case .override(let server, _), .resetBreaker(let server), .trust(let server),
      .reconnect(let server):
      server.name
    case .invalidateCache, .stopReplay: nil
    }
  }
}

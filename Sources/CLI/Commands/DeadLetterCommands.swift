import FleetModel
import Gateway
import Telemetry
import Wire

/// `mcpdash dlq …`
struct DeadLetterCommands {
  let context: CommandContext

  func list(
    _ selection: DeadLetterSelection, limit: Int, isJSON: Bool
  ) async throws(CommandFailure) {
    guard let door = try await context.letterDoor() else {
      if isJSON { try context.print(DeadLetterText.json([])) }
      return
    }
    let response = try await context.ask(
      door,
      .deadLetters(
        of: server(of: selection), limit: min(limit, ControlInterface.letterLimit),
        isJSON ? .json : .text(columns: context.columns)), about: server(of: selection)?.name)
    await door.close()
    try context.print(bytes: response.body)
  }

  func show(_ ids: [DeadLetterID], isJSON: Bool) async throws(CommandFailure) -> ExitStatus {
    guard let door = try await context.letterDoor() else { return .failure }
    let response = try await context.ask(
      door, .deadLetters(of: nil, limit: ControlInterface.letterLimit, .json))
    await door.close()
    let entries = JSONDocument.view(response.body)?.member("entries").map { Array($0.elements) }
    var found: [JSONView] = []
    var missing: [DeadLetterID] = []
    for id in ids {
      let text = id.description
      if let entry = entries?.first(where: { $0.member("id")?.string == text }) {
        found.append(entry)
      } else {
        missing.append(id)
      }
    }
    if isJSON {
      try context.print(DeadLetterText.json(found))
    } else {
      try context.print(found.map(DeadLetterText.details).joined(separator: "\n"))
    }
    for id in missing { context.complain("there is no dead letter \(id)") }
    return missing.isEmpty ? .success : .failure
  }

  func replay(
    _ selection: DeadLetterSelection, isForced: Bool, isJSON: Bool
  ) async throws(CommandFailure) -> ExitStatus {
    let door = try await context.runningDoor()
    let response = try await context.ask(
      door, .perform(.replay(ReplayOrder(selection, isForced: isForced))), about: server(of: selection)?.name)
    let receipt = try receipt(of: response)
    if isJSON {
      try context.print(bytes: response.body)
    } else {
      try context.print(receipt.text + "\n")
    }
    guard let count = receipt.replay else { return .success }
    return count.failed + count.unsafe + count.taken > 0 ? .failure : .success
  }

  func delete(_ selection: DeadLetterSelection) async throws(CommandFailure) {
    guard let door = try await context.letterDoor() else { return }
    let response = try await context.ask(
      door, .perform(.delete(selection)), about: server(of: selection)?.name)
    await door.close()
    try context.print(try receipt(of: response).text + "\n")
  }

  private func server(of selection: DeadLetterSelection) -> ServerID? {
    switch selection {
    case .matching(let filter): filter.server
    case .ids: nil
    }
  }

  private func receipt(
    of response: ControlResponse
  ) throws(CommandFailure) -> CommandReceipt {
    do throws(ControlClientError) { return try response.receipt() } catch {
      throw CommandFailure(error)
    }
  }
}

import FleetModel

/// How a filter is answered from the indexes: which of them are walked, and what is left to check.
struct LetterQuery {
  enum Field: String, CaseIterable { case client, kind, server, operation, delivery }

  /// A field that has one value, and so an index.
  struct Choice: Hashable {
    var field: Field
    var value: String
  }

  let filter: DeadLetterFilter
  /// One index of these is enough; empty where no field is asked for.
  let choices: [Choice]

  init(_ filter: DeadLetterFilter) {
    self.filter = filter
    choices = Field.allCases.compactMap { field in
      let value: String? =
        switch field {
        case .client: filter.client
        case .kind: filter.kind
        case .server: filter.server?.name
        case .operation: filter.operation
        case .delivery: filter.deliveries?.count == 1 ? filter.deliveries?.first?.rawValue : nil
        }
      return value.map { Choice(field: field, value: $0) }
    }
  }

  /// Nothing can match.
  var isEmpty: Bool { filter.states.isEmpty || filter.deliveries?.isEmpty == true }

  private var shelves: [String] {
    var shelves: [String] = []
    if !filter.states.isDisjoint(with: DeadLetter.State.open) { shelves.append("open") }
    for state in [DeadLetter.State.done, .discarded] where filter.states.contains(state) {
      shelves.append(state.rawValue)
    }
    return shelves
  }

  /// The indexes that hold every match, each letter in one of them.
  func indexes(_ choice: Choice?) -> [String] {
    shelves.map { shelf in choice.map { "\(shelf):\($0.field.rawValue):\($0.value)" } ?? shelf }
  }

  /// The indexes hold nothing but matches, but for the bounds of time.
  var isExact: Bool {
    let open = filter.states.intersection(DeadLetter.State.open)
    return filter.text == nil && filter.target == nil && choices.count <= 1
      && (filter.deliveries == nil || choices.contains { $0.field == .delivery })
      && (open.isEmpty || open == DeadLetter.State.open)
  }

  /// One step of a walk over one index.
  func scan(
    _ index: String, after cursor: DeadLetterCursor?, looking: Int, wanted: Int, rows: Bool,
    now: Timestamp
  ) -> RedisCommand {
    var command = RedisCommand(LetterScript.scan)
    command.add(now.millisecondsSinceEpoch)
    command.add(index)
    command.add(looking)
    command.add(wanted)
    command.add(rows ? "rows" : "ids")
    command.add(Self.text(filter.before))
    command.add(Self.text(filter.since))
    command.add(Self.text(cursor?.createdAt))
    command.add(cursor?.id.text ?? "")
    command.add(filter.states.map(\.rawValue).joined(separator: ","))
    command.add((filter.deliveries ?? []).map(\.rawValue).joined(separator: ","))
    for choice in choices {
      command.add(choice.field.rawValue)
      command.add(choice.value)
    }
    if let target = filter.target {
      command.add("target")
      command.add(target)
    }
    return command
  }

  func sizes(_ indexes: [String], now: Timestamp) -> RedisCommand {
    var command = RedisCommand(LetterScript.sizes)
    command.add(now.millisecondsSinceEpoch)
    command.add(filter.since.map { Self.text($0) } ?? "-inf")
    command.add(filter.before.map { "(" + Self.text($0) } ?? "+inf")
    for index in indexes { command.add(index) }
    return command
  }

  private static func text(_ time: Timestamp?) -> String {
    time.map { String($0.millisecondsSinceEpoch) } ?? ""
  }
}

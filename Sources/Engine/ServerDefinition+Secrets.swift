import FleetModel

extension ServerDefinition {
  /// Without the secrets that we sent the server: it may say them back to us.
  func clean(_ text: String) -> String { text.without(secrets) }

  /// The same of what a failure or an error says.
  func clean(_ reply: Reply) -> Reply { reply.isTrouble ? reply.without(secrets) : reply }

  private var secrets: [Secret] { ([endpoint] + choices.map(\.endpoint)).flatMap(\.secrets) }
}

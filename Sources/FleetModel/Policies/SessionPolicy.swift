/// How a server is spoken to, beyond the calls.
package struct SessionPolicy: Hashable, Sendable {
  /// What a server is told that asks for a person's input in the middle of a call.
  package enum InputAnswer: String, Hashable, Sendable, CaseIterable {
    case decline
    case cancel
    /// Accepts with the schema's own defaults; declines where a required field has none.
    case defaults
  }

  /// The syslog levels of the protocol, least severe first.
  package enum LogLevel: String, Hashable, Sendable, CaseIterable {
    case debug, info, notice, warning, error, critical, alert, emergency
  }

  package var inputAnswer = InputAnswer.decline
  /// The least severe messages that the server is asked to send; nil asks for none.
  package var logLevel: LogLevel?
  /// Whether changes of tools, resources and prompts are listened for on a stream of their own.
  package var listens = true

  package init() {}
}

import FleetModel
import Telemetry

/// The configuration as it was understood, without anything secret.
enum ConfigurationText {
  /// - Parameter letters: the store that was chosen.
  static func report(_ configuration: Configuration, letters: LetterStorePicture?) -> String {
    var lines = configuration.errors.map { "error: \($0)" }
    lines += configuration.warnings.map { "warning: \($0)" }
    if let letters { lines.append("dead letters: \(letters.words)") }
    let servers = configuration.servers.count
    lines.append(
      "\(count(configuration.files.count, "file")), \(count(servers, "server")), "
        + "\(count(configuration.errors.count, "error")), "
        + count(configuration.warnings.count, "warning"))
    return lines.map { PlainText.clean($0) + "\n" }.joined()
  }

  static func json(_ configuration: Configuration, letters: LetterStorePicture?) -> String {
    var writer = JSONWriter()
    writer.object {
      $0.member("ok", configuration.errors.isEmpty)
      $0.member("files", array: { list in for file in configuration.files { list.value(file) } })
      writeServers(configuration, to: &$0)
      write(letters, to: &$0)
      $0.member("errors", array: { write(configuration.errors, to: &$0) })
      $0.member("warnings", array: { write(configuration.warnings, to: &$0) })
    }
    return PlainText.escapingHidden(in: writer.json).text + "\n"
  }

  static func write(_ letters: LetterStorePicture?, to writer: inout JSONWriter) {
    writer.key("deadLetters")
    guard let letters else { return writer.null() }
    writer.object {
      $0.member("store", letters.place)
      $0.member("origin", letters.origin)
      $0.member("state", letters.state.rawValue)
      $0.member("trouble", letters.trouble)
      $0.member("size", letters.size)
      $0.durability(letters.durability)
    }
  }

  static func serversJSON(_ configuration: Configuration) -> String {
    var writer = JSONWriter()
    writer.object { writeServers(configuration, to: &$0) }
    return PlainText.escapingHidden(in: writer.json).text + "\n"
  }

  static func writeServers(
    _ configuration: Configuration, to writer: inout JSONWriter
  ) {
    writer.member(
      "servers",
      array: { list in
        for server in configuration.servers {
          list.object {
            $0.member("name", server.id.name)
            $0.member("transport", transport(server.endpoint))
            $0.member("address", server.endpoint.address)
            $0.member("endpoints", array: { write(server.choices, to: &$0) })
            $0.member("source", server.source)
          }
        }
      })
  }

  static func write(_ problems: [ConfigurationProblem], to list: inout JSONWriter) {
    for problem in problems {
      list.object {
        $0.member("file", problem.file)
        $0.member("line", problem.position?.line)
        $0.member("column", problem.position?.column)
        $0.member("path", problem.path)
        $0.member("server", problem.server?.name)
        $0.member("message", problem.message)
      }
    }
  }

  private static func write(_ choices: [EndpointChoice], to list: inout JSONWriter) {
    for choice in choices {
      list.object {
        $0.member("name", choice.name)
        $0.member("transport", transport(choice.endpoint))
        $0.member("address", choice.endpoint.address)
        $0.member("priority", choice.priority)
        $0.member("locality", choice.locality)
      }
    }
  }

  /// ` and 2 more`, where there are other endpoints.
  static func others(_ server: ServerDefinition) -> String {
    server.choices.count > 1 ? " and \(server.choices.count - 1) more" : ""
  }

  static func transport(_ endpoint: Endpoint) -> String {
    switch endpoint {
    case .http(let endpoint): endpoint.style == .sse ? "sse" : "http"
    case .stdio: "stdio"
    case .bridge: "bridge"
    }
  }

  static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}

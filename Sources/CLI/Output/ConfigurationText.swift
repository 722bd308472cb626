import FleetModel
import Telemetry

/// The configuration as it was understood, without anything secret.
enum ConfigurationText {
  static func report(_ configuration: Configuration) -> String {
    var lines = configuration.errors.map { "error: \($0)" }
    lines += configuration.warnings.map { "warning: \($0)" }
    let servers = configuration.servers.count
    lines.append(
      "\(count(configuration.files.count, "file")), \(count(servers, "server")), "
        + "\(count(configuration.errors.count, "error")), "
        + count(configuration.warnings.count, "warning"))
    return lines.map { PlainText.clean($0) + "\n" }.joined()
  }

  static func json(_ configuration: Configuration) -> String {
    var writer = JSONWriter()
    writer.object {
      $0.member("ok", configuration.errors.isEmpty)
      $0.member("files", array: { list in for file in configuration.files { list.value(file) } })
      writeServers(configuration, to: &$0)
      $0.member("errors", array: { write(configuration.errors, to: &$0) })
      $0.member("warnings", array: { write(configuration.warnings, to: &$0) })
    }
    return PlainText.escapingHidden(in: writer.json).text + "\n"
  }

  /// Name, transport and address of each server.
  static func servers(_ configuration: Configuration) -> String {
    var rows = [["SERVER", "TRANSPORT", "ADDRESS"]]
    for server in configuration.servers {
      rows.append([
        PlainText.clean(server.id.name), transport(server.endpoint),
        PlainText.clean(server.endpoint.address) + others(server),
      ])
    }
    let widths = (0...1).map { column in rows.map { PlainText.width($0[column]) }.max() ?? 0 }
    return rows.map { row in
      let cells = (0...1).map { column in
        row[column] + spaces(widths[column] - PlainText.width(row[column]) + 2)
      }
      return cells.joined() + row[2] + "\n"
    }.joined()
  }

  static func serversJSON(_ configuration: Configuration) -> String {
    var writer = JSONWriter()
    writer.object { writeServers(configuration, to: &$0) }
    return PlainText.escapingHidden(in: writer.json).text + "\n"
  }

  private static func writeServers(
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

  private static func write(_ problems: [ConfigurationProblem], to list: inout JSONWriter) {
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
  private static func others(_ server: ServerDefinition) -> String {
    server.choices.count > 1 ? " and \(server.choices.count - 1) more" : ""
  }

  private static func transport(_ endpoint: Endpoint) -> String {
    switch endpoint {
    case .http(let endpoint): endpoint.style == .sse ? "sse" : "http"
    case .stdio: "stdio"
    case .bridge: "bridge"
    }
  }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }

  private static func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }
}

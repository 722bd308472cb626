import Wire

/// What the fault server's command line asks for.
package struct FaultServerOptions: Hashable, Sendable {
  package enum Eras: String, CaseIterable, Sendable { case modern, handshake, both }

  package struct UsageError: Error, Hashable, Sendable {
    package var message: String
  }

  /// The TCP port of `/mcp`; 0 lets the kernel choose; nil is no HTTP.
  package var httpPort: UInt16?
  package var usesStdio = false
  package var controlPort: UInt16?
  package var eras = Eras.both
  package var scriptPath: String?
  package var seed: UInt64 = 1
  /// The process exits in the middle of this call.
  package var crashAfter: Int?
  package var hasHealth = true
  package var name = "faultserver"
  /// The process ends when its standard input does: with whoever started it.
  package var endsWithInput = false
  package var wantsHelp = false

  package init() {}

  package static let usage = """
    usage: mcpdash-faultserver (--http PORT | --stdio) [options]

    A real MCP server that misbehaves on demand.

      --http PORT        serve http://127.0.0.1:PORT/mcp; 0 takes a free port
      --stdio            serve standard input and output
      --control PORT     control it at http://127.0.0.1:PORT/fault
                         (with --http also at /fault on the same port)
      --era ERA          modern, handshake or both (default)
      --script FILE      faults over time, as JSON
      --seed N           make chance repeatable (default 1)
      --crash-after N    exit in the middle of the Nth tool call
      --no-health        no GET /health
      --until-eof        with --http: end when standard input ends
      --name NAME        the server's own name
      --help             this text

    """

  /// - Parameter arguments: without the program's name.
  package init(_ arguments: [String]) throws(UsageError) {
    var rest = arguments[...]
    while let flag = rest.popFirst() {
      switch flag {
      case "--stdio": usesStdio = true
      case "--no-health": hasHealth = false
      case "--until-eof": endsWithInput = true
      case "--help", "-h": wantsHelp = true
      case "--http": httpPort = try Self.number(flag, &rest, "a port from 0 to 65535")
      case "--control": controlPort = try Self.number(flag, &rest, "a port from 0 to 65535")
      case "--seed": seed = try Self.number(flag, &rest, "a whole number from 0")
      case "--crash-after":
        let count: UInt32 = try Self.number(flag, &rest, "a number of calls from 1")
        guard count > 0 else { throw Self.wrong(flag, "0", "a number of calls from 1") }
        crashAfter = Int(count)
      case "--script": scriptPath = try Self.value(flag, &rest)
      case "--name": name = try Self.value(flag, &rest)
      case "--era":
        let value = try Self.value(flag, &rest)
        guard let eras = Eras(rawValue: value) else {
          throw Self.wrong(flag, value, "modern, handshake or both")
        }
        self.eras = eras
      default: throw UsageError(message: "\(flag): no such option; see --help")
      }
    }
    if !wantsHelp, httpPort == nil, !usesStdio {
      throw UsageError(message: "nothing to serve: give --http PORT or --stdio")
    }
    if httpPort != nil, usesStdio {
      throw UsageError(message: "give either --http or --stdio: both want standard output")
    }
  }

  private static func value(
    _ flag: String, _ rest: inout ArraySlice<String>
  ) throws(UsageError) -> String {
    guard let value = rest.popFirst() else {
      throw UsageError(message: "\(flag): give a value after it")
    }
    return value
  }

  private static func number<Number: FixedWidthInteger>(
    _ flag: String, _ rest: inout ArraySlice<String>, _ meaning: String
  ) throws(UsageError) -> Number {
    let text = try value(flag, &rest)
    guard let number = Number(text) else { throw wrong(flag, text, meaning) }
    return number
  }

  private static func wrong(_ flag: String, _ value: String, _ meaning: String) -> UsageError {
    UsageError(message: "\(flag): \"\(value)\" is not \(meaning)")
  }
}

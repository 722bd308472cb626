import Adapters
import FleetModel

/// Tokens, of callers and of logins, and other things that a call takes from outside.
extension CommandContext {
  /// Bytes of a caller's token.
  private static let tokenLimit = 64 << 10

  /// The caller's own token, without the white space around it.
  func token(at place: TokenPlace) throws(CommandFailure) -> Secret {
    let text: String
    switch place {
    case .variable(let name):
      guard let value = environment[name] else {
        throw CommandFailure("--token-env: the variable \(name) is not set", .usage)
      }
      text = value
    case .file(let path):
      do throws(FileError) { text = String(decoding: try files.read(path), as: UTF8.self) } catch {
        throw CommandFailure("--token-file: cannot read '\(path)': \(error.reason)", .inputOutput)
      }
    }
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 1, text.utf8.count <= Self.tokenLimit else {
      throw CommandFailure("the token must be one word", .badData)
    }
    return Secret(String(words[0]))
  }

  /// The arguments of a tool, from wherever they are.
  func json(of arguments: CallRequest.Arguments) throws(CommandFailure) -> JSONText {
    switch arguments {
    case .json(let json): return json
    case .standardInput:
      let bytes: [UInt8]
      do throws(FileError) { bytes = try files.standardInput() } catch {
        throw CommandFailure("cannot read standard input: \(error.reason)", .inputOutput)
      }
      do throws(UsageError) {
        return try ToolArguments.read(bytes, from: "standard input")
      } catch {
        throw CommandFailure(error.message, error.status)
      }
    }
  }

  /// What logins left behind.
  func tokenStore() throws(CommandFailure) -> TokenStore {
    TokenStore(path: StandardPlaces.tokens(in: try stateDirectory()))
  }

  /// The server of that name with its HTTP endpoint.
  /// - Throws: when there is none, with what may have been meant.
  func httpServer(_ name: String) throws(CommandFailure) -> (ServerID, HTTPEndpoint) {
    let configuration = try configuration()
    guard let server = configuration.servers.first(where: { $0.id.name == name }) else {
      tell(configuration.errors.filter { $0.server?.name == name }, as: "error")
      let known = configuration.servers.map(\.id.name)
      throw CommandFailure(
        "there is no server '\(name)'" + Suggestion.phrase(for: name, among: known), .usage)
    }
    switch server.endpoint {
    case .http(let endpoint): return (server.id, endpoint)
    case .stdio, .bridge:
      throw CommandFailure(
        "'\(name)' is no HTTP server; give it credentials with env or headers", .usage)
    }
  }
}

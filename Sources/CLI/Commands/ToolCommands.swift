import FleetModel
import Gateway
import Telemetry
import Wire

/// `mcpdash tools` and `mcpdash call`.
struct ToolCommands {
  /// Pages of a list of tools; a longer one has no end.
  static let pageLimit = 100

  let context: CommandContext

  func tools(_ request: ToolsRequest) async throws(CommandFailure) -> ExitStatus {
    let (door, _) = try await context.anyDoor()
    do throws(CommandFailure) {
      let status = try await tools(request, through: door)
      await door.close()
      return status
    } catch {
      await door.close()
      throw error
    }
  }

  private func tools(
    _ request: ToolsRequest, through door: any EngineDoor
  ) async throws(CommandFailure) -> ExitStatus {
    var pages: [JSONText] = []
    var seen: Set<String> = []
    var cursor: String?
    repeat {
      let answer = try await context.ask(
        door,
        .call(
          method: "tools/list", params: MCPMessages.page(after: cursor),
          on: ServerID(request.server), timeout: request.timeout), about: request.server)
      let (end, detail) = try callEnd(of: answer)
      guard end == .success else { return try tellEnd(end, detail, answer) }
      pages.append(detail)
      cursor = JSONView(trusted: detail).member("nextCursor")?.string
      if let cursor, !seen.insert(cursor).inserted || pages.count == Self.pageLimit {
        throw CommandFailure("the server's list of tools has no end", .failure)
      }
    } while cursor != nil
    let list = ToolText.joined(pages)
    if request.isJSON {
      try context.print(list.text + "\n")
    } else {
      try context.print(ToolText.list(list, columns: context.columns))
    }
    return .success
  }

  func call(_ request: CallRequest) async throws(CommandFailure) -> ExitStatus {
    let answer = try await answer(
      .call(
        request.tool, arguments: try arguments(request.arguments),
        on: ServerID(request.server), timeout: request.timeout,
        token: try request.token.map { place throws(CommandFailure) in
          try context.token(at: place)
        }), about: request.server)
    let (end, detail) = try callEnd(of: answer)
    if request.isJSON {
      try context.print(bytes: answer.body)
    } else {
      switch end {
      case .success, .toolError: try context.print(ToolText.result(detail))
      case .protocolError, .failure: break
      }
    }
    tellSource(of: answer)
    return try tellEnd(end, detail, answer)
  }

  /// Says on standard error that the answer is not the server's own of just now.
  private func tellSource(of answer: ControlResponse) {
    let source = JSONDocument.view(answer.body)?.member("source")?.string
    switch source.flatMap({ Outcome.Source(rawValue: $0) }) {
    case .server, nil: break
    case .cache: context.complain("this is a cached answer")
    case .staleCache: context.complain("this is a cached answer past its time")
    case .fallback: context.complain("this is the configured fallback, not the server's answer")
    }
  }

  private func arguments(
    _ arguments: CallRequest.Arguments
  ) throws(CommandFailure) -> JSONText {
    switch arguments {
    case .json(let json): return json
    case .standardInput:
      let bytes: [UInt8]
      do throws(FileError) { bytes = try context.files.standardInput() } catch {
        throw CommandFailure("cannot read standard input: \(error.reason)", .inputOutput)
      }
      do throws(UsageError) {
        return try ToolArguments.read(bytes, from: "standard input")
      } catch {
        throw CommandFailure(error.message, error.status)
      }
    }
  }

  private func answer(
    _ request: ControlRequest, about server: String
  ) async throws(CommandFailure) -> ControlResponse {
    let (door, _) = try await context.anyDoor()
    do throws(CommandFailure) {
      let response = try await context.ask(door, request, about: server)
      await door.close()
      return response
    } catch {
      await door.close()
      throw error
    }
  }

  private func callEnd(
    of response: ControlResponse
  ) throws(CommandFailure) -> (end: ControlResponse.CallEnd, detail: JSONText) {
    do throws(ControlClientError) { return try response.callEnd() } catch {
      throw CommandFailure(error)
    }
  }

  /// Says on standard error what is wrong, and returns the status that says it too.
  private func tellEnd(
    _ end: ControlResponse.CallEnd, _ detail: JSONText, _ answer: ControlResponse
  ) throws(CommandFailure) -> ExitStatus {
    let view = JSONView(trusted: detail)
    let message = view.member("message")?.string ?? ""
    switch end {
    case .success: return .success
    case .toolError:
      context.complain("the tool ran and says that it failed")
      return .toolError
    case .protocolError:
      let code = view.member("code")?.int.map { " \($0)" } ?? ""
      context.complain("the server answered with error\(code): \(message)")
      return .protocolError
    case .failure:
      let kind = view.member("kind")?.string ?? "failure"
      context.complain(message.hasPrefix(kind) ? message : "\(kind): \(message)")
      let outcome = JSONDocument.view(answer.body)
      guard outcome?.member("deadLettered")?.bool == true,
        let id = outcome?.member("id")?.string
      else { return .transportFailure }
      let mayHaveRun = ["unknown", "executed"].contains(view.member("delivery")?.string ?? "")
      context.complain(
        mayHaveRun
          ? "kept as a dead letter; it may have run, 'mcpdash dlq replay --force \(id)' sends it"
            + " again all the same"
          : "kept as a dead letter; 'mcpdash dlq replay \(id)' sends it again")
      return .transportFailure
    }
  }
}

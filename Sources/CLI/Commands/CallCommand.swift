import FleetModel
import Gateway
import Wire

/// `mcpdash call`.
struct CallCommand {
  /// Reports that wait to be told; of more the oldest are dropped.
  private static let reportLimit = 256

  let context: CommandContext
  let request: CallRequest

  func run() async throws(CommandFailure) -> ExitStatus {
    var question = ControlRequest.call(
      request.tool, arguments: try context.json(of: request.arguments),
      on: ServerID(request.server),
      timeout: request.timeout,
      token: try request.token.map { place throws(CommandFailure) in try context.token(at: place) })
    question.takesProgress = true
    let (door, _) = try await context.anyDoor(for: request.server)
    do throws(CommandFailure) {
      let answer = try await answer(question, through: door)
      let status = try tell(answer)
      await door.close()
      return status
    } catch {
      await door.close()
      throw error
    }
  }

  /// Told by a task of its own, so that a slow terminal never holds the engine.
  private func answer(
    _ question: ControlRequest, through door: any EngineDoor
  ) async throws(CommandFailure) -> ControlResponse {
    let line = context.progressLine(isQuiet: request.isQuiet)
    let (reports, feed) = AsyncStream.makeStream(
      of: CallProgress.self, bufferingPolicy: .bufferingNewest(Self.reportLimit))
    let telling = Task {
      for await report in reports { line.show("\(request.tool): \(report.words)") }
      line.end()
    }
    let result: Result<ControlResponse, CommandFailure>
    do throws(CommandFailure) {
      result = .success(
        try await context.ask(
          door, question, about: request.server, onProgress: { feed.yield($0) }))
    } catch {
      result = .failure(error)
    }
    feed.finish()
    await telling.value
    return try result.get()
  }

  private func tell(_ answer: ControlResponse) throws(CommandFailure) -> ExitStatus {
    let ending = try CallEnding(answer)
    if request.isJSON {
      try context.print(bytes: answer.body)
    } else {
      switch ending.end {
      case .success, .toolError: try context.print(ToolText.result(ending.detail))
      case .protocolError, .failure: break
      }
    }
    ending.tellSource(in: context)
    return try ending.tell(in: context)
  }
}

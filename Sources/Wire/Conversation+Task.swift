import FleetModel

/// Calls that became tasks: the extension `io.modelcontextprotocol/tasks` of 2026-07-28, and the
/// experiment of 2025-11-25.
extension Conversation {
  package static let shortestPoll = Duration.milliseconds(100)
  package static let longestPoll = Duration.seconds(30)
  /// Where the server names none.
  package static let usualPoll = Duration.seconds(1)
  /// Requests about a task that may fail in a row.
  package static let missLimit = 5

  mutating func begin(_ created: JSONView) -> Turn {
    guard let id = created.member("taskId")?.string, !id.isEmpty else {
      return malformed("the server made a task without an id")
    }
    task = TaskCourse(
      id: id, interval: Self.interval(of: created) ?? Self.usualPoll,
      status: created.member("status")?.string ?? "")
    // A task may be done, or ask, before anybody polls; then nothing is waited for.
    return follow(created, isNew: true)
  }

  mutating func takeTask(_ reply: Reply) -> Turn {
    guard var course = task else { preconditionFailure("there is a task to follow") }
    switch (course.phase, reply) {
    case (_, .failure(let failure)): return missed(failure, reply)
    case (.fetching, _), (.over, _): return finish(reply)
    case (.updating, _):
      // A refused update shows in the task's own state.
      course.phase = .polling
      course.misses = 0
      task = course
      return Turn(step: .send(course.request(MCPMethod.getTask), after: course.interval))
    case (.polling, .protocolError(let error)):
      return finish(
        .failure(
          Classification.malformed(
            "the server gave up the task: \(ServerText.line(error.message)) (\(error.code))")))
    case (.polling, .success(let result)), (.polling, .toolError(let result)):
      course.misses = 0
      task = course
      return follow(JSONView(trusted: result), isNew: false)
    }
  }

  /// Looks at the state of the task that the server has just told.
  private mutating func follow(_ state: JSONView, isNew: Bool) -> Turn {
    guard var course = task else { preconditionFailure("there is a task to follow") }
    let status = state.member("status")?.string ?? ""
    let message = state.member("statusMessage")?.string.map { ServerText.line($0) }
    let stamp = state.member("lastUpdatedAt")?.json
    let moved =
      isNew || status != course.status || message != course.message || stamp != course.stamp
    (course.status, course.message, course.stamp) = (status, message, stamp)
    course.interval = Self.interval(of: state) ?? course.interval
    if moved { course.moves += 1 }
    task = course
    var turn = next(status, state)
    if moved {
      turn.moves = course.moves
      turn.message = message ?? status
    }
    return turn
  }

  private mutating func next(_ status: String, _ state: JSONView) -> Turn {
    guard var course = task else { preconditionFailure("there is a task to follow") }
    let isModern = dialect.era == .modern
    switch status {
    case "working", "submitted":
      return Turn(step: .send(course.request(MCPMethod.getTask), after: course.interval))
    case "input_required" where isModern: return takeTaskQuestions(state)
    case "cancelled":
      return finish(
        .protocolError(
          RPCError(code: RPCCode.requestCancelled, message: "the server cancelled the task")))
    case "completed" where isModern && state.member("result") != nil:
      let result = state.member("result") ?? state
      return finish(Classification.reply(to: .result(result), httpStatus: nil))
    case "failed" where isModern:
      let error = state.member("error")
      return finish(
        .protocolError(
          RPCError(
            code: error?.member("code")?.int ?? RPCCode.internalError,
            message: error?.member("message")?.string ?? "the task failed",
            data: error?.member("data")?.json)))
    case "completed" where isModern && state.member("resultType")?.string == "task":
      // Told with the task's making, which has no room for the result.
      return Turn(step: .send(course.request(MCPMethod.getTask), after: .zero))
    // The questions of 2025-11-25 come as requests of the server while its result is waited for.
    case "input_required" where !isModern, "completed" where !isModern, "failed" where !isModern:
      course.phase = .fetching
      task = course
      return Turn(step: .send(course.request(MCPMethod.taskResult), after: .zero))
    default:
      return malformed("the task is in an unknown state \(ServerText.line(status, limit: 40))")
    }
  }

  private mutating func takeTaskQuestions(_ state: JSONView) -> Turn {
    guard var course = task else { preconditionFailure("there is a task to follow") }
    let open = state.member("inputRequests").map {
      Array($0.members.lazy.filter { !course.answered.contains($0.key) }.prefix(101))
    }
    guard let open, !open.isEmpty else {
      return Turn(step: .send(course.request(MCPMethod.getTask), after: course.interval))
    }
    guard course.rounds < Self.roundLimit else {
      return malformed("the task asked for input more than \(Self.roundLimit) times")
    }
    switch answers(to: open) {
    case .failure(let undeclared): return malformed(undeclared.reason)
    case .success(let answers):
      course.rounds += 1
      course.phase = .updating
      for question in open { course.answered.insert(question.key) }
      task = course
      let request = course.request(
        MCPMethod.updateTask, [("inputResponses", answers.json)])
      return Turn(step: .send(request, after: .zero), notes: answers.notes)
    }
  }

  /// The connection was lost under a question about the task: the task itself goes on.
  private mutating func missed(_ failure: Failure, _ reply: Reply) -> Turn {
    guard var course = task else { preconditionFailure("there is a task to follow") }
    course.misses += 1
    // Whether the answers arrived is unknown; a second time they are ignored.
    if course.phase == .updating { course.answered = [] }
    guard Self.mayPass(failure.kind), course.misses <= Self.missLimit else {
      return Turn(step: .finish(Self.doubting(reply)))
    }
    course.phase = .polling
    task = course
    let wait = min(course.interval * (1 << course.misses), Self.longestPoll)
    return Turn(
      step: .send(
        course.request(MCPMethod.getTask), after: max(wait, failure.retryAfter ?? .zero)))
  }

  private static func mayPass(_ kind: Failure.Kind) -> Bool {
    switch kind {
    case .httpStatus(let status): status == 408 || status == 429 || status >= 500
    case .nameNotResolved, .connectionRefused, .connectionReset, .tryTimeout, .malformedAnswer,
      .poolExhausted:
      true
    case .tls, .totalTimeout, .answerTooLarge, .sessionLost, .spawnFailed, .processExited,
      .breakerOpen, .bulkheadFull, .rateLimited, .notConnected, .cancelled, .unknownServer,
      .shuttingDown, .incompatibleProtocol, .unauthorized, .impostor:
      false
    }
  }

  /// The task is over, or has gone wrong beyond following.
  private mutating func finish(_ reply: Reply) -> Turn {
    task?.phase = .over
    return Turn(step: .finish(Self.doubting(reply)))
  }

  private static func interval(of task: JSONView) -> Duration? {
    let value = task.member("pollIntervalMs") ?? task.member("pollInterval")
    return value?.int.map {
      min(max(.milliseconds(min(max($0, 0), 86_400_000)), shortestPoll), longestPoll)
    }
  }
}

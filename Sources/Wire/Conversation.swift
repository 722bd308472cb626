package import FleetModel

/// One call from its request to its reply, whatever the server puts between: questions for a person
/// (`input_required`), and tasks that are asked after until they are done.
///
/// ```
/// opening ─► take(reply) ─► finish
///               ▲   └─► send ─┐      input_required: the same request again, with answers
///               └─────────────┘      a task: tasks/get … until it is done
/// ```
package struct Conversation: Sendable {
  package struct Request: Hashable, Sendable {
    package var method: String
    package var target: String?
    package var params: JSONText

    package init(method: String, target: String? = nil, params: JSONText) {
      (self.method, self.target, self.params) = (method, target, params)
    }
  }

  package enum Step: Hashable, Sendable {
    case finish(Reply)
    case send(Request, after: Duration)
  }

  /// What one reply leads to.
  package struct Turn: Hashable, Sendable {
    package var step: Step
    /// For the operator, cleaned.
    package var notes: [String] = []
    /// A task moved on; the number counts the moves.
    package var move: (count: Int, message: String?)? { moves.map { ($0, message) } }
    var moves: Int?
    var message: String?
  }

  /// Rounds of questions in one call.
  package static let roundLimit = 10
  /// Questions in one round.
  package static let questionLimit = 100

  let dialect: Dialect
  let answer: SessionPolicy.InputAnswer
  let original: Request
  private let offersTasks: Bool
  private var asksForTask: Bool
  private var rounds = 0
  var task: TaskCourse?

  /// - Parameters:
  ///   - offersTasks: the handshake server has the capability `tasks` for tool calls.
  ///   - needsTask: its tool can be called as a task only.
  package init(
    _ call: Call, dialect: Dialect, answer: SessionPolicy.InputAnswer, offersTasks: Bool = false,
    needsTask: Bool = false
  ) {
    self.dialect = dialect
    self.answer = answer
    self.offersTasks =
      offersTasks && dialect.era == .handshake && call.method == MCPMethod.callTool
    asksForTask = self.offersTasks && needsTask
    original = Request(method: call.method, target: call.target, params: call.params)
  }

  /// The first request.
  package var opening: Request {
    guard asksForTask else { return original }
    return original.adding([("task", .emptyObject)])
  }

  /// Whether the first reply was the last one: only such a result may be kept.
  package var isPlain: Bool { rounds == 0 && task == nil }

  /// Stops the task that is still running when nobody waits for it any more.
  package var abandonment: Request? {
    guard let task, !task.isOver else { return nil }
    return task.request(MCPMethod.cancelTask)
  }

  package mutating func take(_ reply: Reply) -> Turn {
    if task != nil { return takeTask(reply) }
    switch reply {
    case .success(let result):
      let view = JSONView(trusted: result)
      switch dialect.era {
      case .handshake:
        guard asksForTask, let created = view.member("task") else { break }
        return begin(created)
      case .modern:
        switch view.member("resultType")?.string {
        case "input_required": return takeQuestions(view)
        case "task": return begin(view)
        case nil, _: break
        }
      }
    case .protocolError(let error):
      // What a tool that needs a task answers to a plain call.
      guard error.code == RPCCode.methodNotFound, offersTasks, !asksForTask else { break }
      asksForTask = true
      return Turn(step: .send(opening, after: .zero))
    case .toolError, .failure: break
    }
    return Turn(step: .finish(rounds == 0 ? reply : Self.doubting(reply)))
  }

  // MARK: Questions

  private mutating func takeQuestions(_ result: JSONView) -> Turn {
    guard ["tools/call", "resources/read", "prompts/get"].contains(original.method) else {
      return malformed("input_required is no answer to \(original.method)")
    }
    let state = result.member("requestState")
    let questions = result.member("inputRequests").map { Array($0.members.prefix(101)) } ?? []
    guard state?.kind == .string || !questions.isEmpty else {
      return malformed("the server requires input and asks nothing")
    }
    guard rounds < Self.roundLimit else {
      return malformed("the server asked for input more than \(Self.roundLimit) times")
    }
    rounds += 1
    var members: [(key: String, value: JSONText)] = []
    var notes: [String] = []
    if !questions.isEmpty {
      switch answers(to: questions) {
      case .success(let answers):
        members.append(("inputResponses", answers.json))
        notes = answers.notes
      case .failure(let undeclared): return malformed(undeclared.reason)
      }
    }
    if let state, state.kind == .string { members.append(("requestState", state.json)) }
    // A server that only gives its state back wants to be asked again, not at once.
    let pause =
      questions.isEmpty ? Duration.milliseconds(min(50 << (rounds - 1), 250)) : .zero
    return Turn(step: .send(original.adding(members), after: pause), notes: notes)
  }

  struct Undeclared: Error {
    var reason: String
  }

  func answers(
    to questions: [(key: String, value: JSONView)]
  ) -> Result<(json: JSONText, notes: [String]), Undeclared> {
    guard questions.count <= Self.questionLimit else {
      return .failure(
        Undeclared(reason: "the server asks more than \(Self.questionLimit) questions at once"))
    }
    var writer = JSONWriter()
    var notes: [String] = []
    var problem: String?
    writer.object {
      for question in questions {
        let method = question.value.member("method")?.string ?? ""
        guard
          let reply = Elicitation(
            method: method, params: question.value.member("params"), answer: answer)
        else {
          problem =
            problem ?? "the server asks for \(ServerText.line(method, limit: 60)), which "
            + "this client does not offer"
          continue
        }
        $0.member(question.key, reply.result)
        notes.append(reply.note)
      }
    }
    if let problem { return .failure(Undeclared(reason: problem)) }
    return .success((writer.json, notes))
  }

  // MARK: Ends

  func malformed(_ reason: String) -> Turn {
    Turn(step: .finish(.failure(Classification.malformed(reason))))
  }

  /// The server has begun to work on the call: no later request's fate says that it did not.
  static func doubting(_ reply: Reply) -> Reply {
    guard case .failure(var failure) = reply else { return reply }
    switch failure.delivery {
    case .notSent, .refused: failure.delivery = .unknown
    case .unknown, .executed: break
    }
    return .failure(failure)
  }
}

extension Conversation.Request {
  /// With members added to its params, in the place of any of the same name.
  func adding(_ members: [(key: String, value: JSONText)]) -> Conversation.Request {
    let view = JSONView(trusted: params)
    let keys = members.map(\.key)
    var writer = JSONWriter()
    writer.object {
      for member in view.members where !keys.contains(member.key) {
        $0.member(member.key, member.value.json)
      }
      for member in members { $0.member(member.key, member.value) }
    }
    var request = self
    request.params = writer.json
    return request
  }
}

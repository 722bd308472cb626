package import FleetModel

/// What an HTTP exchange brought, its body complete.
package struct HTTPAnswer: Hashable, Sendable {
  package var status: Int
  package var body: [UInt8]
  package var retryAfter: Duration?
  /// The `Location` of a redirect.
  package var location: String?

  package init(
    status: Int, body: [UInt8] = [], retryAfter: Duration? = nil, location: String? = nil
  ) {
    self.status = status
    self.body = body
    self.retryAfter = retryAfter
    self.location = location
  }
}

/// Decides what an answer means (the table is `ClassificationTests`).
package enum Classification {
  /// - Parameters:
  ///   - id: the request's; a result under another id is not ours.
  ///   - sentSession: the request carried a session id, so that a 404 means that the session is
  ///     gone.
  package static func reply(
    to answer: HTTPAnswer, id: Int, sentSession: Bool
  ) -> Reply {
    let message = rpcAnswer(in: answer.body, id: id)
    if case .response(.error(let error)) = message, error.code == RPCCode.methodNotFound {
      return reply(to: .error(error), httpStatus: answer.status, retryAfter: answer.retryAfter)
    }
    switch answer.status {
    case 401, 403, 429, 503, 300...399: break
    case 404 where sentSession: return .failure(lostSession)
    case 202, 204:
      return .failure(malformed("the server answered \(answer.status) to a request, no result"))
    case 200...299:
      switch message {
      case .response(let rpc):
        return reply(to: rpc, httpStatus: answer.status, retryAfter: answer.retryAfter)
      case .unusable(let reason): return .failure(malformed(reason))
      }
    default:
      if case .response(.error(let error)) = message {
        return reply(to: .error(error), httpStatus: answer.status, retryAfter: answer.retryAfter)
      }
    }
    var detail = answer.location.map { "redirected to \(Endpoint.redacted($0))" }
    if case .response(.error(let error)) = message { detail = error.message }
    var failure = failure(status: answer.status, detail: detail)
    failure.retryAfter = answer.retryAfter
    if answer.status == 503, answer.retryAfter != nil { failure.delivery = .refused }
    return .failure(failure)
  }

  /// - Parameter httpStatus: nil on stdio.
  package static func reply(
    to answer: RPCAnswer, httpStatus: Int?, retryAfter: Duration? = nil
  ) -> Reply {
    switch answer {
    case .error(var error):
      error.httpStatus = httpStatus
      error.retryAfter = retryAfter
      return .protocolError(error)
    case .result(let result):
      guard result.kind == .object else {
        return .failure(malformed("the result is no object"))
      }
      if let type = result.member("resultType") {
        guard let name = type.string, resultTypes.contains(name) else {
          return .failure(malformed("the result is of an unknown type \(type.json.text)"))
        }
      }
      return result.member("isError")?.bool == true
        ? .toolError(result.json) : .success(result.json)
    }
  }

  /// The failure of an HTTP status that carries no JSON-RPC message.
  package static func failure(status: Int, detail: String? = nil) -> Failure {
    let suffix = detail.map { ": \($0)" } ?? ""
    switch status {
    case 401, 403:
      return Failure(
        .unauthorized,
        "the server answered \(status), credentials are missing or not enough" + suffix,
        delivery: .refused)
    default:
      return Failure(
        .httpStatus(status), "the server answered HTTP \(status)" + suffix,
        delivery: delivery(status: status))
    }
  }

  /// A status in place of an answer: had the server begun to run the request?
  ///
  /// Proxies also say 503 when the server's connection broke during the request; only with a
  /// Retry-After is it the word of one that turned the request away.
  private static func delivery(status: Int) -> Delivery {
    switch status {
    case 408, 500...599, 200...299: .unknown
    default: .refused
    }
  }

  package static func malformed(_ reason: String) -> Failure {
    Failure(.malformedAnswer, reason, delivery: .unknown)
  }

  /// A 404 under a session id.
  package static let lostSession = Failure(
    .sessionLost, "the server does not know our session any more", delivery: .refused)

  /// What the bytes of an answer hold for a request.
  package enum Content: Sendable {
    case response(RPCAnswer)
    case unusable(reason: String)
  }

  /// The response to our request in a body: alone, or in the batch of a 2025-03-26 server.
  ///
  /// An error need not carry our id: the server may not have been able to read it.
  package static func rpcAnswer(in body: [UInt8], id: Int) -> Content {
    guard !body.isEmpty else { return .unusable(reason: "the answer is empty") }
    do {
      let messages = try RPCMessage.all(in: JSONView(body))
      for case .response(let answered, let answer) in messages {
        if matches(answered, id) { return .response(answer) }
        if case .error = answer { return .response(answer) }
      }
      return .unusable(reason: "the answer holds no response to our request")
    } catch let error as JSONError {
      return .unusable(reason: error.description)
    } catch let error as RPCShapeError {
      return .unusable(reason: error.reason)
    } catch {
      return .unusable(reason: "the answer cannot be read")
    }
  }

  package static func matches(_ answered: JSONText?, _ id: Int) -> Bool {
    answered.flatMap(number) == id
  }

  /// An id of ours in an answer; some servers turn the number into a string.
  package static func number(_ id: JSONText) -> Int? {
    let view = JSONView(trusted: id)
    return view.int ?? view.string.flatMap { Int($0) }
  }

  private static let resultTypes: Set<String> = ["complete", "input_required", "task"]
}

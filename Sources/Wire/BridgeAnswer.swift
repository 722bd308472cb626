package import FleetModel

/// Decides what an answer of the FastMCP bridge means (the table is `BridgeAnswerTests`).
///
/// A 2xx with `success: false` is what a tool says of itself: it is never sent again. Everything
/// that is not 2xx is the bridge's failure.
package enum BridgeAnswer {
  /// What was asked for.
  package enum Operation: Hashable, Sendable { case call, list }

  /// Characters of a server's text in a message.
  package static let textLimit = 300

  package static func reply(
    to answer: HTTPAnswer, _ operation: Operation, clientID: String
  ) -> Reply {
    guard (200..<300).contains(answer.status) else {
      return .failure(failure(of: answer))
    }
    let body: JSONView
    do throws(JSONError) {
      body = try JSONView(answer.body)
    } catch {
      return .failure(Classification.malformed("the bridge's answer is \(error)"))
    }
    guard let succeeded = body.member("success")?.bool else {
      return .failure(
        Classification.malformed("the bridge's answer does not say whether it was a success"))
    }
    guard succeeded else {
      let text = reason(in: body) ?? "the bridge gives no reason for the failure"
      // A tool may speak of clients too: only with the name of ours it is the bridge's own word.
      if !clientID.isEmpty, text.contains(clientID), saysLostClient(text) {
        return .failure(lost(cleaned(text)))
      }
      return .toolError(content([text], isError: true))
    }
    switch operation {
    case .list:
      guard let tools = body.member("tools"), tools.kind == .array else {
        return .failure(Classification.malformed("the bridge's list of tools is no list"))
      }
      return .success(object("tools", tools.json))
    case .call: return reply(result: body.member("result"))
    }
  }

  /// Why a connection could not be made; nil when it was.
  package static func refusal(ofConnect answer: HTTPAnswer) -> Failure? {
    guard (200..<300).contains(answer.status) else {
      var failure = failure(of: answer)
      // There is no session yet that could be lost.
      if failure.kind == .sessionLost { failure.kind = .httpStatus(answer.status) }
      return failure
    }
    guard let body = try? JSONView(answer.body), let succeeded = body.member("success")?.bool
    else {
      return Classification.malformed("the bridge's answer does not say whether it connected")
    }
    guard !succeeded else { return nil }
    let text = reason(in: body).map(cleaned) ?? "no reason given"
    return Failure(
      .notConnected, "the bridge could not connect: \(text)", delivery: .refused)
  }

  /// Whether a refused connection is one that an earlier run of ours left behind.
  package static func saysAlreadyConnected(_ refusal: Failure) -> Bool {
    refusal.message.lowercased().contains("already")
  }

  /// Why the bridge is not well; nil when it is.
  package static func illness(in answer: HTTPAnswer) -> Failure? {
    guard (200..<300).contains(answer.status) else {
      return Classification.failure(status: answer.status, detail: text(of: answer.body))
    }
    let status = (try? JSONView(answer.body))?.member("status")?.string
    guard let status else {
      return Classification.malformed("the bridge's health page names no status")
    }
    if ["ok", "healthy"].contains(status.lowercased()) { return nil }
    return Failure(
      .notConnected, "the bridge says that it is \(cleaned(status))", delivery: .executed)
  }

  // MARK: Results

  /// A result as `tools/call` has it; what has another form becomes its text.
  private static func reply(result: JSONView?) -> Reply {
    guard let result, !result.isNull else { return .success(content([], isError: false)) }
    switch result.kind {
    case .object where result.member("content")?.kind == .array:
      return result.member("isError")?.bool == true
        ? .toolError(result.json) : .success(result.json)
    case .object:
      return .success(content([result.json.text], isError: false, structured: result.json))
    case .array where isContent(result): return .success(object("content", result.json))
    case .string: return .success(content([result.string ?? ""], isError: false))
    case .array, .number, .bool, .null:
      return .success(content([result.json.text], isError: false))
    }
  }

  private static func isContent(_ list: JSONView) -> Bool {
    list.elements.allSatisfy { $0.member("type")?.kind == .string }
  }

  private static func content(
    _ texts: [String], isError: Bool, structured: JSONText? = nil
  ) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.member(
        "content",
        array: { list in
          for text in texts {
            list.object {
              $0.member("type", "text")
              $0.member("text", text)
            }
          }
        })
      if let structured { $0.member("structuredContent", structured) }
      if isError { $0.member("isError", true) }
    }
    return writer.json
  }

  private static func object(_ key: String, _ value: JSONText) -> JSONText {
    var writer = JSONWriter()
    writer.object { $0.member(key, value) }
    return writer.json
  }

  // MARK: Failures

  private static func failure(of answer: HTTPAnswer) -> Failure {
    let text = text(of: answer.body)
    if meansLostClient(answer.status, text ?? "") {
      return lost(text ?? "HTTP \(answer.status)")
    }
    var failure = Classification.failure(status: answer.status, detail: text)
    failure.retryAfter = answer.retryAfter
    return failure
  }

  /// The bridge forgot us, as after its restart: nothing of the request was run.
  private static func meansLostClient(_ status: Int, _ text: String) -> Bool {
    switch status {
    case 404: saysLostClient(text) || !text.lowercased().contains("tool")
    case 401, 403, 408, 429: false
    case 400..<500: saysLostClient(text)
    default: false
    }
  }

  private static func saysLostClient(_ text: String) -> Bool {
    let text = text.lowercased()
    let isMissing = ["not found", "unknown", "no such", "does not exist"].contains(
      where: text.contains)
    return text.contains("not connected") || isMissing && text.contains("client")
  }

  private static func lost(_ text: String) -> Failure {
    Failure(
      .sessionLost, "the bridge does not know our client any more: \(text)", delivery: .refused)
  }

  /// `error` or `message` of a body, else the body itself; nil when there is nothing to show.
  private static func text(of body: [UInt8]) -> String? {
    // Why it cannot be read does not matter: then the body itself is shown.
    if let view = try? JSONView(body), let reason = reason(in: view) { return cleaned(reason) }
    let text = cleaned(String(decoding: body.prefix(4 * textLimit), as: UTF8.self))
    return text.isEmpty ? nil : text
  }

  private static func reason(in body: JSONView) -> String? {
    for key in ["error", "message"] {
      if let text = body.member(key)?.string, !text.isEmpty { return text }
    }
    return nil
  }

  /// One line without control characters, of `textLimit` characters at most.
  private static func cleaned(_ text: String) -> String {
    let plain = text.unicodeScalars.map { scalar -> Character in
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator: " "
      default: Character(scalar)
      }
    }
    let words = String(plain).split(separator: " ", omittingEmptySubsequences: true)
      .joined(separator: " ")
    return words.count > textLimit ? words.prefix(textLimit - 1) + "…" : words
  }
}

import Foundation

/// What `mcpdash call --json` prints, as far as the tests read it.
struct CallOutcome: Decodable, Sendable {
  var id: String
  var kind: String
  var result: Content?
  var failure: Failure?
  var attempts: [Attempt]
  var source: String
  var deadLettered: Bool
  var deadLetter: String?

  struct Content: Decodable, Sendable {
    var content: [Text]?
  }

  struct Text: Decodable, Sendable {
    var text: String?
  }

  struct Failure: Decodable, Sendable {
    var kind: String
    var message: String
    var delivery: String
  }

  struct Attempt: Decodable, Sendable {
    var startedAt: String
    var durationSeconds: Double
    var result: String
    var backoffSeconds: Double

    /// Seconds since 1970.
    var start: Double {
      get throws {
        try Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(startedAt)
          .timeIntervalSince1970
      }
    }
  }

  /// The first text of the result.
  var text: String? { result?.content?.first?.text }

  init(json: String) throws {
    self = try JSONDecoder().decode(CallOutcome.self, from: Data(json.utf8))
  }
}

/// What `mcpdash dlq list --json` prints, as far as the tests read it.
struct LetterList: Decodable {
  var entries: [Letter]

  struct Letter: Decodable {
    var id: String
    var server: String
    var target: String
    var errorMessage: String
    var delivery: String
    var unsafeToReplay: Bool
    var state: String
    var replayCount: Int
  }

  init(json: String) throws {
    self = try JSONDecoder().decode(LetterList.self, from: Data(json.utf8))
  }
}

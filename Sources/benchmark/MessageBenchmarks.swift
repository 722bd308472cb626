import FleetModel
import Wire

/// How fast bytes from servers become messages: the whole document checked, and what the engine
/// needs of it found.
enum MessageBenchmarks {
  /// Of the issue's bar, in megabytes a second.
  private static let bar = 500.0

  static let all = [
    envelope("envelope-1k", "text of 1 kB", text(of: 1000)),
    envelope("envelope-1k-dense", "structured content of 1 kB", structure(of: 1000)),
    envelope("envelope-100k", "text of 100 kB with JSON in it", text(of: 100_000)),
    envelope("envelope-100k-dense", "structured content of 100 kB", structure(of: 100_000)),
    request("request-1k", arguments(of: 1000)),
    eventStream("events-1k", "events of 1 kB", text(of: 1000)),
    eventStream("events-100k", "events of 100 kB", text(of: 100_000)),
  ]

  private static func envelope(_ id: String, _ what: String, _ body: [UInt8]) -> MicroBenchmark {
    MicroBenchmark(
      id: id, name: "an answer with \(what): from its bytes to its verdict", limit: bar,
      byteCount: body.count
    ) { count in
      let answer = HTTPAnswer(status: 200, body: body)
      return {
        var good = 0
        for _ in 0..<count {
          guard case .success = Classification.reply(to: answer, id: 7, sentSession: false) else {
            continue
          }
          good += 1
        }
        try MicroBenchmark.expect(good, count, "a good answer")
      }
    }
  }

  private static func request(_ id: String, _ body: [UInt8]) -> MicroBenchmark {
    MicroBenchmark(
      id: id, name: "a request of 1 kB: from its bytes to id, method, tool and arguments",
      limit: bar, byteCount: body.count
    ) { count in
      return {
        var good = 0
        for _ in 0..<count {
          guard case .request(_, _, let params?) = try RPCMessage(JSONView(body)),
            params.member("name") != nil, params.member("arguments") != nil
          else { continue }
          good += 1
        }
        try MicroBenchmark.expect(good, count, "a request")
      }
    }
  }

  private static func eventStream(
    _ id: String, _ what: String, _ message: [UInt8]
  ) -> MicroBenchmark {
    let event = Array("event: message\nid: 17\ndata: ".utf8) + message + Array("\n\n".utf8)
    return MicroBenchmark(
      id: id, name: "a stream of \(what), in pieces of 16 KiB at most", limit: bar,
      byteCount: event.count
    ) { count in
      let chunks = stride(from: 0, to: event.count, by: 16_384).map {
        Array(event[$0..<min($0 + 16_384, event.count)])
      }
      return {
        var parser = ServerSentEvents()
        var events = 0
        for _ in 0..<count {
          for chunk in chunks { events += try parser.feed(chunk).count }
        }
        try MicroBenchmark.expect(events, count, "an event")
      }
    }
  }

  // MARK: Documents

  private static func result(_ content: String) -> [UInt8] {
    Array(#"{"jsonrpc":"2.0","id":7,"result":{\#(content),"isError":false}}"#.utf8)
  }

  /// A tool's answer as one text, which is JSON itself in every second line.
  private static func text(of size: Int) -> [UInt8] {
    let lines =
      #"The quick brown fox jumps over the lazy dog, größer als je zuvor.\n"#
      + #"{\"path\": \"/srv/data\", \"size\": 4096, \"kind\": \"file\"}\n"#
    let text = String(repeating: lines, count: size / lines.utf8.count)
    return result(#""content":[{"type":"text","text":"\#(text)"}]"#)
  }

  private static func structure(of size: Int) -> [UInt8] {
    let row = #"{"id":12345,"name":"row","ok":true,"ratio":0.25,"tags":["a","b"],"none":null}"#
    let rows = Array(repeating: row, count: size / row.utf8.count).joined(separator: ",")
    return result(#""structuredContent":{"rows":[\#(rows)]}"#)
  }

  private static func arguments(of size: Int) -> [UInt8] {
    let text = String(repeating: "lorem ipsum ", count: size / 14)
    return Array(
      (#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo","arguments":"#
        + #"{"message":"\#(text)","count":3,"deep":{"a":[1,2,3]}}}}"#).utf8)
  }
}

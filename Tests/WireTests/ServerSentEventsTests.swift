import FleetModel
import Testing

@testable import Wire

@Suite struct `An event stream` {
  private func events(_ text: String) throws -> [ServerSentEvent] {
    var parser = ServerSentEvents()
    return try parser.feed(text.utf8)
  }

  private func event(_ data: String, _ name: String = "message") -> ServerSentEvent {
    ServerSentEvent(name: name, data: Array(data.utf8))
  }

  @Test(arguments: ["\n", "\r\n", "\r"])
  func `gives its events with any line ending`(end: String) throws {
    let text = ["event: a", "data: 1", "data:2", "", ": ping", "", "data:  x", "", ""]
      .joined(separator: end)
    #expect(try events(text) == [event("1\n2", "a"), event(" x")])
  }

  @Test func `skips a byte order mark, unknown fields and an unfinished event`() throws {
    #expect(try events("\u{FEFF}data: 1\nfoo: bar\nplain\n\ndata: 2\n") == [event("1")])
  }

  @Test func `moves the cursor with a priming event that has no data`() throws {
    var parser = ServerSentEvents()
    #expect(try parser.feed("id: 5\nretry: 500\n\n".utf8).isEmpty)
    #expect(parser.lastEventID == "5")
    #expect(parser.reconnectionDelay == .milliseconds(500))
    #expect(try parser.feed("id: 6\ndata:\n\n".utf8) == [event("")])
    #expect(parser.lastEventID == "6")
    #expect(try parser.feed("id: 7\ndata: x\nretry: soon\n".utf8).isEmpty)
    #expect(parser.lastEventID == "6", "the event is not complete yet")
    #expect(parser.reconnectionDelay == .milliseconds(500))
  }

  @Test func `is cut off at the limit of one event, and not below it`() throws {
    var parser = ServerSentEvents(byteLimit: 16)
    for _ in 0..<10 {
      #expect(try parser.feed("data: 1234567890\n\n".utf8).count == 1)
    }
    #expect(throws: ServerSentEvents.TooLarge.self) { try parser.feed("data: 12345678901".utf8) }
    var lines = ServerSentEvents(byteLimit: 16)
    #expect(throws: ServerSentEvents.TooLarge.self) {
      try lines.feed("data: 12345678\ndata: 12345678\n".utf8)
    }
  }

  @Test func `gives the same events however it is chunked`() throws {
    var random = SplitMix64(seed: 11)
    let pieces = [
      "data: a", "data:", "data: {\"x\":1}", "event: e", "id: 9", "retry: 5", ": c", "", "",
      "\u{FEFF}",
    ]
    let ends = ["\n", "\r\n", "\r"]
    for _ in 0..<500 {
      var text = ""
      for _ in 0..<20 {
        text += pieces[Int(random.next() % UInt64(pieces.count))]
        text += ends[Int(random.next() % 3)]
      }
      let bytes = Array(text.utf8)
      var whole = ServerSentEvents()
      let expected = try whole.feed(bytes)
      var parser = ServerSentEvents()
      var got: [ServerSentEvent] = []
      var start = 0
      while start < bytes.count {
        let end = min(bytes.count, start + 1 + Int(random.next() % 7))
        got += try parser.feed(bytes[start..<end])
        start = end
      }
      #expect(got == expected, "\(text.debugDescription)")
      #expect(parser.lastEventID == whole.lastEventID)
    }
  }

  /// The algorithm of the standard, line by line, on a text without a limit.
  private func reference(_ text: [UInt8]) -> (events: [ServerSentEvent], lastEventID: String?) {
    var bytes = text[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    var events: [ServerSentEvent] = []
    var lines: [[UInt8]] = [[]]
    for (index, byte) in zip(bytes.indices, bytes) {
      if byte == 0x0A, index > bytes.startIndex, bytes[index - 1] == 0x0D { continue }
      if byte == 0x0A || byte == 0x0D {
        lines.append([])
      } else {
        lines[lines.count - 1].append(byte)
      }
    }
    var (data, name, id, last) = ([[UInt8]](), "", String?.none, String?.none)
    for line in lines.dropLast() {
      guard !line.isEmpty else {
        last = id ?? last
        if !data.isEmpty {
          events.append(
            ServerSentEvent(
              name: name.isEmpty ? "message" : name, data: Array(data.joined(separator: [0x0A]))))
        }
        (data, name) = ([], "")
        continue
      }
      let colon = line.firstIndex(of: UInt8(ascii: ":")) ?? line.count
      var value = line[min(colon + 1, line.count)...]
      if value.first == 0x20 { value = value.dropFirst() }
      switch String(decoding: line[..<colon], as: UTF8.self) {
      case "data": data.append(Array(value))
      case "event": name = String(decoding: value, as: UTF8.self)
      case "id": id = value.contains(0) ? id : String(decoding: value, as: UTF8.self)
      default: break
      }
    }
    return (events, last)
  }

  @Test func `is read as the standard says, whatever is in it and however it is chunked`() throws {
    var random = SplitMix64(seed: 23)
    let pieces = [
      "data", "data:", "data: ", "event", "id", "retry", ":", " ", "\n", "\n\n", "\r", "\r\n", "x",
      "\0", "\u{FEFF}", "datas: 1", String(repeating: "y", count: 200), "é", "data:data:",
    ]
    for _ in 0..<2000 {
      let count = 1 + random.next() % 40
      let text = (0..<count).map { _ in pieces[Int(random.next() % UInt64(pieces.count))] }
      let bytes = Array(text.joined().utf8)
      let expected = reference(bytes)
      var parser = ServerSentEvents()
      var got: [ServerSentEvent] = []
      var start = 0
      while start < bytes.count {
        let end = min(bytes.count, start + 1 + Int(random.next() % 99))
        got += try parser.feed(bytes[start..<end])
        start = end
      }
      #expect(got == expected.events, "\(text.joined().debugDescription)")
      #expect(parser.lastEventID == expected.lastEventID, "\(text.joined().debugDescription)")
    }
  }
}

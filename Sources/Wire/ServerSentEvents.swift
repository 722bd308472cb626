import CSimdjson

/// One event of a `text/event-stream`.
package struct ServerSentEvent: Hashable, Sendable {
  /// The event's name; `message` when it gave none.
  package var name: String
  /// The data lines, joined by line feeds; empty in an event that only moves the cursor.
  package var data: [UInt8]

  package init(name: String = "message", data: [UInt8]) { (self.name, self.data) = (name, data) }
}

/// Reads a `text/event-stream` from chunks with arbitrary boundaries (WHATWG HTML §9.2).
package struct ServerSentEvents: Sendable {
  /// An event larger than the limit.
  package struct TooLarge: Error, Hashable, Sendable {
    package let byteLimit: Int
  }

  /// The `id` of the newest event, to resume after it.
  package private(set) var lastEventID: String?
  /// What the server last asked for with `retry`, before a reconnection.
  package private(set) var reconnectionDelay: Duration?

  /// Of one event, and of one line.
  private let byteLimit: Int
  private var line: [UInt8] = []
  private var data: [UInt8] = []
  private var hasData = false
  private var name = ""
  private var eventID: String?
  /// A line ended with CR: a LF that follows belongs to it.
  private var skipsLineFeed = false
  private var isFirstLine = true

  package init(byteLimit: Int = 1 << 20) { self.byteLimit = byteLimit }

  /// Reads the continuation of the stream: the cursor and the delay stay, an unfinished event is
  /// forgotten.
  package var continuation: ServerSentEvents {
    var next = ServerSentEvents(byteLimit: byteLimit)
    next.lastEventID = lastEventID
    next.eventID = lastEventID
    next.reconnectionDelay = reconnectionDelay
    return next
  }

  /// Takes the next bytes and returns the events that they complete.
  ///
  /// - Throws: when an event exceeds the limit; the stream cannot be read on.
  package mutating func feed(_ chunk: some Sequence<UInt8>) throws(TooLarge) -> [ServerSentEvent] {
    var events: [ServerSentEvent] = []
    let fits =
      chunk.withContiguousStorageIfAvailable { read($0, &events) }
      ?? Array(chunk).withUnsafeBufferPointer { read($0, &events) }
    guard fits else { throw TooLarge(byteLimit: byteLimit) }
    return events
  }

  /// - Returns: false when an event exceeds the limit.
  private mutating func read(
    _ chunk: UnsafeBufferPointer<UInt8>, _ events: inout [ServerSentEvent]
  ) -> Bool {
    var rest = chunk[...]
    if skipsLineFeed, let first = rest.first {
      skipsLineFeed = false
      if first == 0x0A { rest.removeFirst() }
    }
    while !rest.isEmpty {
      let bytes = UnsafeBufferPointer(rebasing: rest)
      let length = csimdjson_line_end(bytes.baseAddress, bytes.count)
      guard line.count + length + data.count <= byteLimit else { return false }
      let piece = bytes[..<length]
      guard length < bytes.count else {
        line.append(contentsOf: piece)
        return true
      }
      if line.isEmpty {
        end(UnsafeBufferPointer(rebasing: piece), &events)
      } else {
        line.append(contentsOf: piece)
        let whole = line
        line = []
        whole.withUnsafeBufferPointer { end($0, &events) }
      }
      rest = rest.dropFirst(length + 1)
      guard bytes[length] == 0x0D else { continue }
      if rest.first == 0x0A { rest.removeFirst() } else { skipsLineFeed = rest.isEmpty }
    }
    return true
  }

  /// Takes one whole line, without what ended it.
  private mutating func end(
    _ whole: UnsafeBufferPointer<UInt8>, _ events: inout [ServerSentEvent]
  ) {
    var line = whole[...]
    if isFirstLine {
      isFirstLine = false
      if line.starts(with: [0xEF, 0xBB, 0xBF]) { line.removeFirst(3) }
    }
    guard !line.isEmpty else { return dispatch(&events) }
    // No field that we know is longer than five letters.
    let colon = line.prefix(6).firstIndex(of: UInt8(ascii: ":"))
    guard let colon else { return take(wordAlone: line) }
    var value = line[(colon + 1)...]
    if value.first == 0x20 { value.removeFirst() }
    take(field: line[..<colon], value)
  }

  /// A line without a colon is a field without a value.
  private mutating func take(wordAlone line: Slice<UnsafeBufferPointer<UInt8>>) {
    guard line.count <= 5 else { return }
    take(field: line, line[line.endIndex...])
  }

  private mutating func take(
    field: Slice<UnsafeBufferPointer<UInt8>>, _ value: Slice<UnsafeBufferPointer<UInt8>>
  ) {
    if field.elementsEqual("data".utf8) {
      if hasData { data.append(0x0A) }
      data.append(contentsOf: value)
      hasData = true
    } else if field.elementsEqual("event".utf8) {
      name = String(decoding: value, as: UTF8.self)
    } else if field.elementsEqual("id".utf8) {
      if !value.contains(0) { eventID = String(decoding: value, as: UTF8.self) }
    } else if field.elementsEqual("retry".utf8) {
      if let milliseconds = Int64(String(decoding: value, as: UTF8.self)), milliseconds >= 0 {
        reconnectionDelay = .milliseconds(min(milliseconds, 86_400_000))
      }
    }
  }

  private mutating func dispatch(_ events: inout [ServerSentEvent]) {
    if let eventID { lastEventID = eventID }
    if hasData {
      events.append(ServerSentEvent(name: name.isEmpty ? "message" : name, data: data))
    }
    data = []
    hasData = false
    name = ""
  }
}

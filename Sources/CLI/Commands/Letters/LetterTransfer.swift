import Adapters
import FleetModel
import Gateway
import Telemetry
import Wire

/// `mcpdash dlq export` and `import`: letters as JSON lines, from any store to any other.
struct LetterTransfer {
  /// Letters of one question.
  static let pageLimit = 100
  /// Letters and bytes of one request.
  static let batchLimit = 200
  static let batchByteLimit = 1 << 20
  /// Bytes of a line; the brackets around it belong to the request.
  static let lineLimit = ControlRequest.bodyLimit - 2
  private static let byteOrderMark = Array("\u{FEFF}".utf8)
  /// Bad lines that are told one by one; the others are counted.
  private static let complaintLimit = 20

  let context: CommandContext

  // MARK: - Export

  func export(_ request: LetterExportRequest) async throws(CommandFailure) -> ExitStatus {
    let selection = request.choice.selection(now: context.wallClock())
    guard let door = try await context.letterDoor() else { return .success }
    let unreadable = try await context.asking(door) { door throws(CommandFailure) in
      try await export(selection, request, through: door)
    }
    guard unreadable > 0 else { return .success }
    let entries = unreadable == 1 ? "1 entry" : "\(unreadable) entries"
    context.complain(
      "\(entries) left out: they cannot be read; 'mcpdash dlq list --kind unreadable' shows them")
    return .failure
  }

  private func export(
    _ selection: DeadLetterSelection, _ request: LetterExportRequest, through door: any EngineDoor
  ) async throws(CommandFailure) -> Int {
    var (left, cursor, unreadable) = (request.limit ?? .max, request.cursor, 0)
    repeat {
      let answer = try await context.ask(
        door, .deadLetterExport(selection, after: cursor, limit: min(left, Self.pageLimit)),
        about: selection.server)
      let page: ControlLetterExport
      do throws(ControlClientError) { page = try answer.letterExport() } catch {
        throw CommandFailure(error)
      }
      try context.print(bytes: page.letters.flatMap { $0 + [UInt8(ascii: "\n")] })
      left -= page.letters.count + page.unreadable
      unreadable += page.unreadable
      cursor = page.next
    } while cursor != nil && left > 0
    return unreadable
  }

  // MARK: - Import

  /// What became of the lines so far.
  private struct Course {
    var batch: [(id: DeadLetterID, line: Int, bytes: [UInt8])] = []
    var batchBytes = 0
    var intake = DeadLetterIntake()
    /// Counted from 1.
    var line = 0
    var bad = 0
  }

  func take(from path: String, isJSON: Bool) async throws(CommandFailure) -> ExitStatus {
    let chunks: FileChunks
    do throws(FileError) { chunks = try context.files.chunks(path == "-" ? nil : path) } catch {
      throw CommandFailure("cannot read '\(path)': \(error.reason)", .inputOutput)
    }
    defer { chunks.close() }
    guard let door = try await context.letterDoor(creates: true) else { return .failure }
    let course = try await context.asking(door) { door throws(CommandFailure) in
      try await take(chunks, named: path, through: door)
    }
    try tell(course, isJSON: isJSON)
    return course.bad > 0 ? .badData : .success
  }

  private func take(
    _ chunks: FileChunks, named path: String, through door: any EngineDoor
  ) async throws(CommandFailure) -> Course {
    var course = Course()
    var reader = LineReader(byteLimit: Self.lineLimit)
    var isAtEnd = false
    while !isAtEnd {
      let bytes: [UInt8]
      do throws(FileError) { bytes = try chunks.next() } catch {
        throw CommandFailure("cannot read '\(path)': \(error.reason)", .inputOutput)
      }
      isAtEnd = bytes.isEmpty
      let lines =
        isAtEnd ? [reader.end()].compactMap(\.self) : bytes.withUnsafeBytes { reader.feed($0) }
      for line in lines {
        course.line += 1
        try await take(line, &course, door)
      }
    }
    try await send(&course, door)
    return course
  }

  private func take(
    _ line: LineReader.Item, _ course: inout Course, _ door: any EngineDoor
  ) async throws(CommandFailure) {
    guard case .line(var bytes) = line else {
      return complain("it is longer than \(Self.lineLimit) bytes", about: course.line, &course)
    }
    // Editors put it before a file, and `cat` then before a line.
    if bytes.starts(with: Self.byteOrderMark) { bytes.removeFirst(Self.byteOrderMark.count) }
    guard bytes.contains(where: { $0 != 0x20 && $0 != 0x09 }) else { return }
    let letter = LetterCodec.decode(
      bytes, storedUnder: nil, lifetime: DeadLetterPolicy().lifetime, now: context.wallClock())
    if let fault = letter.fault { return complain(fault, about: course.line, &course) }
    if course.batch.count >= Self.batchLimit
      || course.batchBytes + bytes.count > Self.batchByteLimit
    {
      try await send(&course, door)
    }
    course.batch.append((letter.id, course.line, bytes))
    course.batchBytes += bytes.count + 1
  }

  private func send(
    _ course: inout Course, _ door: any EngineDoor
  ) async throws(CommandFailure) {
    guard !course.batch.isEmpty else { return }
    let answer = try await context.ask(door, .add(course.batch.map(\.bytes)))
    var intake: DeadLetterIntake
    do throws(ControlClientError) { intake = try answer.letterIntake() } catch {
      throw CommandFailure(error)
    }
    let reasons = Dictionary(
      intake.refused.map { ($0.id, $0.reason) }, uniquingKeysWith: { first, _ in first })
    for (id, line, _) in course.batch {
      if let reason = reasons[id] { complain(reason, about: line, &course) }
    }
    intake.refused = []
    course.intake = course.intake + intake
    (course.batch, course.batchBytes) = ([], 0)
  }

  private func complain(
    _ fault: String, about line: Int, _ course: inout Course
  ) {
    course.bad += 1
    if course.bad <= Self.complaintLimit {
      context.complain("line \(line) is passed over: \(fault)")
    }
  }

  private func tell(_ course: Course, isJSON: Bool) throws(CommandFailure) {
    let rest = course.bad - Self.complaintLimit
    if rest > 0 { context.complain("and \(ConfigurationText.count(rest, "more line")) like it") }
    let intake = course.intake
    guard !isJSON else {
      var writer = JSONWriter()
      writer.object {
        $0.member("new", intake.new)
        $0.member("known", intake.known)
        $0.member("expired", intake.expired)
        $0.member("dropped", intake.dropped)
        $0.member("bad", course.bad)
      }
      return try context.print(writer.json.text + "\n")
    }
    var parts = ["\(intake.new) new", "\(intake.known) known already"]
    if intake.expired > 0 { parts.append("\(intake.expired) expired") }
    if intake.dropped > 0 { parts.append("\(intake.dropped) old ones dropped by the limit") }
    if course.bad > 0 {
      parts.append("\(ConfigurationText.count(course.bad, "bad line")) passed over")
    }
    try context.print(parts.joined(separator: ", ") + "\n")
  }
}

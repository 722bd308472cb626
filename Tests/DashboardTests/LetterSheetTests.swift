import FleetModel
import TerminalUI
import Testing

@testable import Dashboard

/// What is told of one letter, and its params as lines.
@Suite struct LetterSheetTests {
  private func text(_ letter: DeadLetter, width: Int = 100) -> String {
    LetterSheet(letter, in: SampleFleet.standard, width: width).lines(now: SampleFleet.now)
      .map { line in line.pieces.map(\.words).joined(separator: "|") }.joined(separator: "\n")
  }

  private func letter(_ id: String) throws -> DeadLetter {
    try #require(SampleLetters.odd.first { $0.id.text == id })
  }

  @Test func `everything that is known of a letter is told`() throws {
    let words = text(try letter("secret"))
    for part in [
      "https://mcp.example.org/mcp", "agent-0", "arguments.password, arguments.auth.token",
      "needs its caller's token", "in 24h00m", "the same at every replay", "PARAMS",
      "\"user\": \"anna\"", "replayed|0 times", "mcp-github",
    ] {
      #expect(words.contains(part), "\(part)")
    }
  }

  @Test func `edited params stand beside the first ones, or under them where it is narrow`() throws
  {
    let wide = text(try letter("edited"))
    #expect(wide.contains("EDITED|AS SENT FIRST"))
    #expect(wide.contains("\"sql\": \"select 2\",|    \"sql\": \"select 40\""))
    let narrow = text(try letter("edited"), width: 40)
    #expect(narrow.contains("EDITED\n") && narrow.contains("AS SENT FIRST\n"))
  }

  @Test(
    arguments: [
      ("日本", 1, 9, ["日", "本"]), ("日本語", 4, 9, ["日本", "語"]), ("ab cd", 2, 9, ["ab", "cd"]),
      ("ab cdefg", 3, 9, ["ab", "cde", "fg"]), ("a b", 3, 1, ["a b"]), ("", 3, 9, []),
      ("abcdef gh", 4, 2, ["abcd", "ef gh"]), ("abcd", 4, 1, ["abcd"]),
      ("a bc d", 4, 1, ["a bc d"]),
    ])
  func `words go on below, and too many of them make the last line too wide`(
    text: String, width: Int, limit: Int, lines: [String]
  ) {
    #expect(Figures.wrap(text, width: width, limit: limit) == lines)
  }

  @Test func `however long the message is, the newest attempts stand below it`() throws {
    var letter = try letter("gone-server")
    letter.errorMessage = String(repeating: "x", count: 500)
    let lines = LetterSheet(letter, in: SampleFleet.standard, width: 38)
      .summary(rows: 7, now: SampleFleet.now).lines
    let starts = lines.map { $0.pieces[0].words.prefix(3) }
    #expect(starts.suffix(2) == ["1  ", "2  "])
    #expect(lines.count == 7)
  }

  @Test func `a letter that is being replayed tells by whom and until when`() throws {
    #expect(text(try letter("replaying")).contains("by bob@host-2, whose lease ends in 0:42"))
  }

  @Test(
    arguments: [
      (
        #"{"a":1,"b":[true,{}],"c":"x: {y}, \"z"}"#,
        [
          "{", #"  "a": 1,"#, #"  "b": ["#, "    true,", "    {", "    }", "  ],",
          #"  "c": "x: {y}, \"z""#, "}",
        ]
      ),
      ("null", ["null"]), ("", []), ("not json", ["notjson"]), ("}}]]", ["}", "}", "]", "]"]),
      (#""abc"#, [#""abc"#]),
    ])
  func `json is laid out, and what is none is shown as it is`(json: String, lines: [String]) {
    #expect(JSONLines.lines(of: Array(json.utf8), width: 40, limit: 40) == lines)
  }

  @Test func `long lines go on below, and there is an end to everything`() {
    let long = Array("\"\(String(repeating: "x", count: 95))\"".utf8)
    #expect(JSONLines.lines(of: long, width: 10, limit: 40).count == 10)
    let deep = Array(String(repeating: "[", count: 500_000).utf8)
    let lines = JSONLines.lines(of: deep, width: 20, limit: 50)
    #expect(lines.count == 50)
    #expect(lines.last == "(there is more of it: mcpdash dlq show)")
    #expect(lines.dropLast().allSatisfy { $0.columnWidth <= 20 })
    let wide = Array("[\(String(repeating: "1,", count: 100_000))1]".utf8)
    #expect(JSONLines.lines(of: wide, width: 20, limit: 1_000_000).count < 40_000)
  }

  @Test func `no scalar of the params reaches the screen raw`() {
    let hostile = Array("{\"a\":\"\u{1B}[2J\u{202E}\u{9B}日本\"}".utf8) + [0xFF, 0x00]
    let lines = JSONLines.lines(of: hostile, width: 12, limit: 20)
    #expect(lines.joined().unicodeScalars.allSatisfy { ScreenScalar($0).scalar == $0 })
    #expect(lines.allSatisfy { $0.columnWidth <= 12 })
  }

  @Test(arguments: 36...200)
  func `columns never overlap and fill their line`(width: Int) {
    var drawing = Drawing(
      size: Size(columns: width, rows: 9), glyphs: .unicode, now: SampleFleet.now)
    let columns = LetterColumns(width: width, letters: SampleLetters.odd)
    let inside = Rect(column: 0, row: 0, columns: width, rows: 9)
    columns.header(on: &drawing, in: inside)
    for (index, letter) in SampleLetters.odd.enumerated() {
      let line = Rect(column: 0, row: index + 1, columns: width, rows: 1)
      columns.row(letter, isMarked: true, isSelected: false, on: &drawing, in: line)
    }
    let header = glyphPlane(drawing.canvas).split(separator: "\n")[0]
    for word in ["AGE", "CALL", "CAUSE", "SERVER"] {
      #expect(header.contains(word), "\(width): \(header)")
    }
    if width >= 90 { #expect(header.contains("CLIENT") && header.contains("STATE")) }
    let screen = glyphPlane(drawing.canvas)
    #expect(screen.contains("unreadable".prefix(7)))
    #expect(width < 60 || screen.contains("replaying"))
    #expect(screen.contains("discarded".prefix(7)))
  }
}

import TerminalUI
import Testing

@Suite struct TextTests {
  @Test(
    arguments: [
      ("plain", 5), ("日本", 4), ("e\u{301}", 1), ("a\u{200B}b", 2), ("\u{1B}[31m", 5), ("🙂", 2),
      ("한글", 4), ("─│╭", 3), ("⣿⡀", 2), ("●◐✗○▲▼↵…·", 9), ("", 0),
    ])
  func `text takes the columns a terminal gives it`(text: String, columns: Int) {
    #expect(text.columnWidth == columns)
  }

  @Test(
    arguments: [
      ("a\u{1B}[31mb", "a\u{FFFD}[31mb"), ("x\u{9B}2Jy", "x\u{FFFD}2Jy"), ("a\tb\nc", "a b c"),
      ("nul\u{0}", "nul\u{FFFD}"), ("rm\u{202E}txt", "rmtxt"), ("z\u{200D}w\u{FEFF}", "zw"),
      ("\u{E000}\u{10FFFF}", "\u{FFFD}\u{FFFD}"), ("de\u{7F}l", "de\u{FFFD}l"),
      ("l\u{2028}p", "l p"),
    ])
  func `hostile text loses its power`(text: String, shown: String) {
    var canvas = Canvas(12, 1)
    let used = canvas.text(text, column: 0, row: 0, width: 12)
    #expect(picture(canvas)[0].prefix(used) == shown)
    #expect(faults(canvas) == [])
  }

  @Test(
    arguments: [
      ("abcdef", 6, "abcdef  "), ("abcdefg", 6, "abcde…  "), ("日本語x", 6, "日本 …  "),
      ("日本語x", 5, "日本…   "), ("ab日本", 5, "ab日…   "), ("abc", 0, "        "),
      ("abc", 1, "…       "),
    ])
  func `text that does not fit ends in an ellipsis`(text: String, width: Int, shown: String) {
    var canvas = Canvas(8, 1)
    canvas.text(text, column: 0, row: 0, width: width)
    #expect(picture(canvas) == [shown])
    #expect(faults(canvas) == [])
  }

  @Test func `text to the right ends at its edge`() {
    var canvas = Canvas(8, 2)
    canvas.textRight("12", column: 1, row: 0, width: 5)
    canvas.textRight("1234567", column: 1, row: 1, width: 5)
    #expect(picture(canvas) == ["    12  ", " 1234…  "])
  }

  @Test func `writing over half of a wide scalar blanks the other half`() {
    var canvas = Canvas(6, 1)
    canvas.text("日本語", column: 0, row: 0, width: 6)
    canvas.put("x", column: 1, row: 0, role: .fg)
    canvas.put("y", column: 4, row: 0, role: .fg)
    #expect(picture(canvas) == [" x本y "])
    #expect(faults(canvas) == [])
  }

  @Test func `a wide scalar across two others takes a half of each and blanks the rest`() {
    var canvas = Canvas(4, 1)
    canvas.text("日本", column: 0, row: 0, width: 4)
    canvas.put("語", width: 2, column: 1, row: 0, role: .fg)
    #expect(picture(canvas) == [" 語 "])
    #expect(faults(canvas) == [])
  }

  @Test func `a wide scalar at the last column becomes a blank`() {
    var canvas = Canvas(3, 2)
    canvas.put("日", width: 2, column: 2, row: 0, role: .fg)
    #expect(picture(canvas) == ["   ", "   "])
    #expect(faults(canvas) == [])
  }

  @Test func `nothing is written outside the canvas`() {
    var canvas = Canvas(4, 2)
    canvas.text("outside", column: -3, row: 0, width: 7)
    canvas.text("no", column: 0, row: 2, width: 4)
    canvas.clear(Rect(column: -5, row: -5, columns: 3, rows: 3))
    #expect(picture(canvas) == ["side", "    "])
  }

  @Test func `a text of a million invisible marks is given up`() {
    var canvas = Canvas(4, 1)
    let text = String(repeating: "\u{200B}", count: String.screenScalarLimit) + "late"
    #expect(canvas.text(text, column: 0, row: 0, width: 4) == 0)
    #expect(text.columnWidth == 0)
  }
}

import Testing

@testable import Adapters

@Suite struct `A line reader` {
  private func items(_ chunks: [String], limit: Int = 8) -> [LineReader.Item] {
    var reader = LineReader(byteLimit: limit)
    var items = chunks.flatMap { chunk in
      Array(chunk.utf8).withUnsafeBytes { reader.feed($0) }
    }
    if let last = reader.end() { items.append(last) }
    return items
  }

  private func line(_ text: String) -> LineReader.Item { .line(Array(text.utf8)) }

  @Test func `cuts at line feeds wherever the chunks end`() {
    let expected = [line("ab"), line(""), line("c\rd"), line("e")]
    #expect(items(["ab\n\r\nc\rd\r\ne"]) == expected)
    #expect(items("ab\n\r\nc\rd\r\ne".unicodeScalars.map { String($0) }) == expected)
  }

  @Test func `keeps the beginning of a line above the limit, and the next line whole`() {
    let overlong = LineReader.Item.overlong(beginning: Array("12345678".utf8))
    #expect(items(["123456789\nab\n"]) == [overlong, line("ab")])
    #expect(items(["1234", "5678", "9", "0\nab"]) == [overlong, line("ab")])
    #expect(items(["12345678\n"]) == [line("12345678")])
  }

  @Test func `does not wait for the end of a line above the limit to tell it`() {
    let overlong = LineReader.Item.overlong(beginning: Array("12345678".utf8))
    #expect(items(["1234", "56789"]) == [overlong])
    #expect(items(["1234", "56789", "more", "and more\nab\n"]) == [overlong, line("ab")])
  }
}

import TerminalUI
import Testing

@testable import Adapters

@Suite struct TerminalColorDepthTests {
  private func rgb(_ hex: Int) -> Style.Color {
    .rgb(
      red: UInt8(hex >> 16), green: UInt8(hex >> 8 & 0xFF), blue: UInt8(hex & 0xFF))
  }

  @Test(
    arguments: [
      (0, .mono), (2, .mono), (8, .ansi8), (16, .ansi16), (88, .ansi16), (256, .palette256),
      (0x100_0000, .direct),
    ] as [(Int32, ColorDepth)])
  func `terminfo's number of colours gives the depth`(colors: Int32, depth: ColorDepth) {
    #expect(ColorDepth(colors: colors) == depth)
  }

  @Test(arguments: ColorDepth.allCases)
  func `the terminal's own colours stay its own`(depth: ColorDepth) {
    let plain = depth.realize(Style(), isSelected: false)
    #expect(plain == .init(foreground: -1, background: -1, attributes: []))
  }

  @Test func `no colour leaves attributes, and the selection in reverse`() {
    let style = Style(foreground: rgb(0xFF0000), background: .ansi(4), attributes: .bold)
    #expect(
      ColorDepth.mono.realize(style, isSelected: true)
        == .init(foreground: -1, background: -1, attributes: [.bold, .reverse]))
    #expect(ColorDepth.mono.realize(style, isSelected: false).attributes == .bold)
  }

  @Test(arguments: [
    (0x000000, 16), (0xFFFFFF, 231), (0xFF0000, 196), (0x5F87AF, 67), (0x080808, 232),
    (0xEEEEEE, 255), (0x808080, 244), (0x56B4E9, 74),
  ])
  func `an RGB colour is the nearest of cube and greys`(hex: Int, index: Int32) {
    let style = Style(foreground: rgb(hex))
    #expect(ColorDepth.palette256.realize(style, isSelected: false).foreground == index)
  }

  @Test func `no palette colour is nearer than the one chosen`() {
    let levels = [0, 95, 135, 175, 215, 255]
    var palette: [[Int]] = []
    for index in 0..<216 {
      palette.append([levels[index / 36], levels[index / 6 % 6], levels[index % 6]])
    }
    for step in 0..<24 { palette.append(Array(repeating: 8 + 10 * step, count: 3)) }
    func distance(_ color: [Int], _ hex: Int) -> Int {
      let wanted = [hex >> 16, (hex >> 8) & 0xFF, hex & 0xFF]
      return zip(color, wanted).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
    }
    for hex in stride(from: 0, through: 0xFFFFFF, by: 0x1A3F7) {
      let index = ColorDepth.palette256.realize(Style(foreground: rgb(hex)), isSelected: false)
        .foreground
      let best = palette.map { distance($0, hex) }.min()
      #expect(distance(palette[Int(index) - 16], hex) == best, "\(String(hex, radix: 16))")
    }
  }

  @Test(arguments: [
    (0xFF5555, 9), (0xD55E00, 1), (0xF0E442, 11), (0x009E00, 2), (0x56B4E9, 14), (0x264F78, 4),
    (0x0B0E14, 0), (0x606060, 8), (0xB0B0B0, 7), (0xF8F8F2, 15),
  ])
  func `an RGB colour is the one of sixteen that people would name`(hex: Int, index: Int32) {
    let style = Style(foreground: rgb(hex))
    #expect(ColorDepth.ansi16.realize(style, isSelected: false).foreground == index)
  }

  @Test func `with eight colours bold is bright and bright black is dim`() {
    let bright = ColorDepth.ansi8.realize(Style(foreground: .ansi(12)), isSelected: false)
    #expect(bright == .init(foreground: 4, background: -1, attributes: .bold))
    let grey = ColorDepth.ansi8.realize(Style(foreground: .ansi(8)), isSelected: false)
    #expect(grey == .init(foreground: -1, background: -1, attributes: .dim))
  }

  @Test func `RGB values that terminfo would read as ANSI numbers give way`() {
    let depth = ColorDepth.direct
    #expect(depth.realize(Style(foreground: rgb(0x000003)), isSelected: false).foreground == 8)
    #expect(
      depth.realize(Style(foreground: rgb(0xFF8800)), isSelected: false).foreground == 0xFF8800)
    #expect(depth.realize(Style(foreground: .ansi(3)), isSelected: false).foreground == 3)
    #expect(depth.realize(Style(foreground: .ansi(9)), isSelected: false).foreground == 0xFF0000)
  }

  @Test(arguments: [ColorDepth.ansi8, .ansi16])
  func `two colours that become one are told apart by reverse`(depth: ColorDepth) {
    let style = Style(foreground: rgb(0x7070FF), background: rgb(0x202090))
    let result = depth.realize(style, isSelected: true)
    #expect(result.foreground != result.background)
    let same = Style(foreground: rgb(0x3030B0), background: rgb(0x202090))
    #expect(
      depth.realize(same, isSelected: true)
        == .init(foreground: 4, background: -1, attributes: .reverse))
  }
}

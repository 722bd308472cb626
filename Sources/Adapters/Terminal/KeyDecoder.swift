import TerminalUI

/// Turns the bytes that a terminal sends into inputs, by the grammar of ECMA-48 and xterm's
/// conventions; what it does not know it swallows whole, so that no reply of the terminal and no
/// odd key is ever taken for typed letters.
///
/// By hand, because what curses decodes depends on terminfo: mouse reports past column 223, pastes
/// and unknown sequences come out of it as keystrokes.
struct KeyDecoder {
  /// Bytes of a paste that are kept; the rest is dropped.
  static let pasteLimit = 64 * 1024
  /// Bytes of a control sequence that are kept; a longer one means nothing.
  static let sequenceLimit = 64

  private enum State {
    case ground
    /// Inside a UTF-8 character; moves to ground with its last byte or at a wrong one.
    case character([UInt8], missing: Int)
    /// After ESC: the key itself if nothing follows, the start of a sequence if it does.
    case escape
    /// After ESC [, with the parameters so far; moves on at the final byte.
    case controlSequence([UInt8])
    /// After ESC [ [, the Linux console's function keys: one byte to go.
    case linuxFunction
    /// After ESC O: one byte to go.
    case singleShift
    /// After ESC [ M: three bytes to go, the mouse as before 1006.
    case oldMouse([UInt8])
    /// A reply to a question that someone else asked; ends with BEL or ESC \, or when quiet.
    case string(afterEscape: Bool)
    /// Between ESC [200~ and ESC [201~, of which so many bytes are matched.
    case paste(matched: Int)
  }

  private static let pasteEnd = Array("\u{1B}[201~".utf8)

  private var state = State.ground
  private var pasted: [UInt8] = []
  private var inputs: [Input] = []

  /// Whether it matters that nothing more comes: then, after a short while, call `quiet`.
  var isWaiting: Bool {
    switch state {
    case .escape, .string: true
    case .ground, .character, .controlSequence, .linuxFunction, .singleShift, .oldMouse, .paste:
      false
    }
  }

  mutating func decode(_ bytes: some Sequence<UInt8>) -> [Input] {
    for byte in bytes { take(byte) }
    defer { inputs = [] }
    return inputs
  }

  /// Nothing followed: a lone ESC was the Escape key.
  mutating func quiet() -> [Input] {
    guard isWaiting else { return [] }
    defer { state = .ground }
    if case .escape = state { return [.key(.escape)] }
    return []
  }

  private mutating func take(_ byte: UInt8) {
    let state = state
    self.state = .ground
    switch state {
    case .ground: takeGround(byte)
    case .character(let bytes, let missing): takeCharacter(byte, after: bytes, missing: missing)
    case .escape: takeEscape(byte)
    case .controlSequence(let parameters): takeControlSequence(byte, after: parameters)
    case .linuxFunction: emit(Self.linuxFunctionKey(byte))
    case .singleShift: emit(Self.letterKey(byte))
    case .oldMouse(let bytes): takeOldMouse(byte, after: bytes)
    case .string(let afterEscape): takeString(byte, afterEscape: afterEscape)
    case .paste(let matched): takePaste(byte, matched: matched)
    }
  }

  private mutating func emit(_ key: Key?) {
    if let key { inputs.append(.key(key)) }
  }

  private mutating func takeGround(_ byte: UInt8) {
    switch byte {
    case 0x1B: state = .escape
    case 0x0A, 0x0D: emit(.enter)
    case 0x09: emit(.tab)
    case 0x08, 0x7F: emit(.backspace)
    case 0x01...0x1A: emit(.control(Character(Unicode.Scalar(byte + 0x60))))
    case 0x20...0x7E: emit(.character(Character(Unicode.Scalar(byte))))
    case 0xC2...0xDF: state = .character([byte], missing: 1)
    case 0xE0...0xEF: state = .character([byte], missing: 2)
    case 0xF0...0xF4: state = .character([byte], missing: 3)
    default: break
    }
  }

  private mutating func takeCharacter(_ byte: UInt8, after bytes: [UInt8], missing: Int) {
    guard byte & 0xC0 == 0x80 else { return takeGround(byte) }
    let bytes = bytes + [byte]
    guard missing == 1 else {
      state = .character(bytes, missing: missing - 1)
      return
    }
    guard let text = String(validating: bytes, as: UTF8.self), let character = text.first,
      !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
    else { return }
    emit(.character(character))
  }

  private mutating func takeEscape(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "["): state = .controlSequence([])
    case UInt8(ascii: "O"): state = .singleShift
    // Operating system command, device control string, application command, privacy message.
    case UInt8(ascii: "]"), UInt8(ascii: "P"), UInt8(ascii: "_"), UInt8(ascii: "^"):
      state = .string(afterEscape: false)
    default:
      // Alt with a key, or Escape and a key that a slow line brought together: the same bytes.
      emit(.escape)
      takeGround(byte)
    }
  }

  private mutating func takeControlSequence(_ byte: UInt8, after parameters: [UInt8]) {
    switch byte {
    case UInt8(ascii: "[") where parameters.isEmpty:
      state = .linuxFunction
    case 0x20...0x3F:
      state = .controlSequence(
        parameters.count < Self.sequenceLimit ? parameters + [byte] : parameters)
    case 0x40...0x7E where parameters.count < Self.sequenceLimit:
      finish(parameters, final: byte)
    case 0x1B:
      state = .escape
    default:
      break
    }
  }

  private mutating func finish(_ parameters: [UInt8], final: UInt8) {
    switch (final, parameters) {
    case (UInt8(ascii: "M"), []): state = .oldMouse([])
    case (UInt8(ascii: "~"), Array("200".utf8)): state = .paste(matched: 0)
    case (UInt8(ascii: "~"), _): emit(Self.numberedKey(parameters))
    case (_, []), (_, [UInt8(ascii: "1")]): emit(Self.letterKey(final))
    case (UInt8(ascii: "M"), _) where parameters.first == UInt8(ascii: "<"):
      let numbers = parameters.dropFirst().split(separator: UInt8(ascii: ";")).map(Self.number)
      guard numbers.count == 3, let button = numbers[0], let column = numbers[1],
        let row = numbers[2]
      else { return }
      emitMouse(button: button, column: column, row: row)
    default: break
    }
  }

  private mutating func takeOldMouse(_ byte: UInt8, after bytes: [UInt8]) {
    let bytes = bytes + [byte]
    guard bytes.count == 3 else {
      state = .oldMouse(bytes)
      return
    }
    emitMouse(button: Int(bytes[0]) - 32, column: Int(bytes[1]) - 32, row: Int(bytes[2]) - 32)
  }

  /// Column and row count from 1; only the left button and the wheel mean something here.
  private mutating func emitMouse(button: Int, column: Int, row: Int) {
    let modifiers = 4 | 8 | 16
    let action: MouseEvent.Action
    switch button & ~modifiers {
    case 0: action = .press
    case 64: action = .wheelUp
    case 65: action = .wheelDown
    default: return
    }
    guard button >= 0, column >= 1, row >= 1 else { return }
    inputs.append(.mouse(MouseEvent(action: action, column: column - 1, row: row - 1)))
  }

  private mutating func takeString(_ byte: UInt8, afterEscape: Bool) {
    if byte == 0x07 || (afterEscape && byte == UInt8(ascii: "\\")) { return }
    state = .string(afterEscape: byte == 0x1B)
  }

  private mutating func takePaste(_ byte: UInt8, matched: Int) {
    if byte == Self.pasteEnd[matched] {
      guard matched + 1 == Self.pasteEnd.count else {
        state = .paste(matched: matched + 1)
        return
      }
      inputs.append(.paste(String(decoding: pasted, as: UTF8.self)))
      pasted = []
      return
    }
    // What looked like the end was pasted; ESC is its first byte and occurs in it only there.
    let isStart = byte == 0x1B
    let room = Self.pasteLimit - pasted.count
    pasted += (Self.pasteEnd.prefix(matched) + (isStart ? [] : [byte])).prefix(room)
    state = .paste(matched: isStart ? 1 : 0)
  }

  /// At most four digits; anything else is not a number we know.
  private static func number(_ digits: some Collection<UInt8>) -> Int? {
    guard digits.count <= 4 else { return nil }
    return Int(String(decoding: digits, as: UTF8.self))
  }

  /// ESC [ or ESC O and this letter. With modifiers the terminal adds parameters: not ours.
  private static func letterKey(_ letter: UInt8) -> Key? {
    switch letter {
    case UInt8(ascii: "A"): .up
    case UInt8(ascii: "B"): .down
    case UInt8(ascii: "C"): .right
    case UInt8(ascii: "D"): .left
    case UInt8(ascii: "F"): .end
    case UInt8(ascii: "H"): .home
    case UInt8(ascii: "M"): .enter
    case UInt8(ascii: "Z"): .backTab
    case UInt8(ascii: "P")...UInt8(ascii: "S"): .function(Int(letter - UInt8(ascii: "P")) + 1)
    default: nil
    }
  }

  /// ESC [ number ~, of the VT220, rxvt and the Linux console.
  private static func numberedKey(_ parameters: [UInt8]) -> Key? {
    guard let number = number(parameters) else { return nil }
    return switch number {
    case 1, 7: .home
    case 3: .delete
    case 4, 8: .end
    case 5: .pageUp
    case 6: .pageDown
    case 11...15: .function(number - 10)
    case 17...21: .function(number - 11)
    case 23, 24: .function(number - 12)
    default: nil
    }
  }

  private static func linuxFunctionKey(_ letter: UInt8) -> Key? {
    switch letter {
    case UInt8(ascii: "A")...UInt8(ascii: "E"): .function(Int(letter - UInt8(ascii: "A")) + 1)
    default: nil
    }
  }
}

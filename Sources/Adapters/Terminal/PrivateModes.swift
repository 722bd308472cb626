/// The escape sequences that terminfo has no names for.
///
/// A terminal of the ECMA-48 family ignores those it does not know; any other gets none.
struct PrivateModes: Hashable {
  /// After entering the screen: bracketed paste (2004), clicks (1000) with any coordinate (1006).
  let on: String
  /// Before leaving it, also out of the middle of a frame.
  let off: String
  /// Around a frame: the terminal shows it at once (synchronized output, 2026).
  let beginFrame: String
  let endFrame: String

  init(areUnderstood: Bool, mouse: Bool) {
    guard areUnderstood else {
      (on, off, beginFrame, endFrame) = ("", "", "", "")
      return
    }
    on = "\u{1B}[?2004h" + (mouse ? "\u{1B}[?1000h\u{1B}[?1006h" : "")
    off = "\u{1B}[?2026l" + (mouse ? "\u{1B}[?1006l\u{1B}[?1000l" : "") + "\u{1B}[?2004l"
    beginFrame = "\u{1B}[?2026h"
    endFrame = "\u{1B}[?2026l"
  }
}

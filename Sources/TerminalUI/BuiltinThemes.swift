// Written by the test `the built-in themes are the files in themes` with UPDATE_GOLDEN=1;
// edit the files in `themes/` instead.

/// The themes that need no file, the default first.
package enum BuiltinThemes {
  package static let texts: [(name: String, text: String)] = [
    (
      "okabe",
      """
      # okabe: the default. Okabe and Ito's colours, told apart with every kind of colour blindness:
      # sky blue is well, yellow is a warning, vermilion is bad.

      bg = "default"
      fg = "#d7dce2"
      muted = "#7f8a99"
      title = "#e8ecf1 bold"
      border = "#465262"
      border.focus = "#56b4e9"
      accent = "#56b4e9"
      key = "#f0e442 bold"
      header = "#9aa6b5 bold"
      ok = "#56b4e9"
      warn = "#f0e442"
      bad = "#d55e00 bold"
      info = "#009e73"
      selection.bg = "#2b3a4d"
      selection.fg = "#ffffff bold"
      graph.low = "#56b4e9"
      graph.mid = "#f0e442"
      graph.high = "#d55e00"
      meter.empty = "#3a4452"
      log.info = "#7f8a99"
      dialog.danger = "#d55e00 bold"
      health.disagreement = "#cc79a7"

      """
    ),
    (
      "night",
      """
      # night: soft colours on a dark terminal, green, amber and rose.

      bg = "default"
      fg = "#c8d0dc"
      muted = "#76829a"
      title = "#e5e9f0 bold"
      border = "#414b61"
      border.focus = "#88c0d0"
      accent = "#88c0d0"
      key = "#ebcb8b bold"
      header = "#8f9bb3 bold"
      ok = "#a3be8c"
      warn = "#ebcb8b"
      bad = "#ff6b7a bold"
      info = "#81a1c1"
      selection.bg = "#3b4760"
      selection.fg = "#ffffff bold"
      meter.empty = "#3a4356"
      log.info = "#76829a"
      health.disagreement = "#b48ead"

      """
    ),
    (
      "day",
      """
      # day: for terminals with a light background; hues of Okabe and Ito, darkened to be read.

      bg = "default"
      fg = "#1f2933"
      muted = "#5c6873"
      title = "#0b1220 bold"
      border = "#a9b4bf"
      border.focus = "#0072b2"
      accent = "#0072b2"
      key = "#8a3ffc bold"
      header = "#44505c bold"
      ok = "#0072b2"
      warn = "#7a5c00"
      bad = "#b03a00 bold"
      info = "#00664a"
      selection.bg = "#cfe3f3"
      selection.fg = "#000000 bold"
      meter.empty = "#c3ccd4"
      log.info = "#5c6873"
      health.disagreement = "#9b2f76"

      """
    ),
    (
      "mono",
      """
      # mono: no colour at all, only attributes; what NO_COLOR asks for.

      bg = "default"
      fg = "default"
      muted = "dim"
      title = "bold"
      border = "dim"
      border.focus = "bold"
      accent = "bold"
      key = "bold underline"
      header = "underline"
      ok = "default"
      warn = "bold"
      bad = "bold underline"
      selection.bg = "reverse"
      selection.fg = "default"
      graph.low = "default"
      graph.mid = "default"
      graph.high = "bold"
      meter.empty = "dim"
      breaker.half = "bold"
      breaker.open = "bold reverse"
      log.err = "bold"
      log.info = "dim"
      dialog.danger = "bold reverse"
      health.disagreement = "bold"

      """
    ),
    (
      "ansi16",
      """
      # ansi16: the sixteen colours every terminal has, by name.

      bg = "default"
      fg = "default"
      muted = "bright-black"
      title = "default bold"
      border = "bright-black"
      border.focus = "cyan"
      accent = "cyan"
      key = "yellow bold"
      header = "cyan"
      ok = "green"
      warn = "yellow"
      bad = "bright-red bold"
      info = "blue"
      selection.bg = "blue"
      selection.fg = "bright-white bold"
      meter.empty = "bright-black"
      log.info = "default"
      dialog.danger = "bright-red bold"
      health.disagreement = "magenta"

      """
    ),
    (
      "high-contrast",
      """
      # high-contrast: nothing faint, strong colours on black; contrast of 7:1 and more.

      bg = "#000000"
      fg = "#ffffff"
      muted = "#d0d0d0"
      title = "#ffffff bold"
      border = "#b0b0b0"
      border.focus = "#ffff00 bold"
      accent = "#00ffff"
      key = "#ffff00 bold"
      header = "#ffffff bold underline"
      ok = "#66d9ff"
      warn = "#ffff00 bold"
      bad = "#ff9040 bold underline"
      info = "#80ffc0"
      selection.bg = "#ffff00"
      selection.fg = "#000000 bold"
      graph.low = "#66d9ff"
      graph.mid = "#ffff00"
      graph.high = "#ff9040"
      meter.empty = "#8a8a8a"
      log.info = "#e0e0e0"
      dialog.danger = "#ff9040 bold reverse"
      health.disagreement = "#ff9cf0 bold"

      """
    ),
  ]

  package static let names = texts.map(\.name)

  package static func text(of name: String) -> String? {
    texts.first { $0.name == name }?.text
  }
}

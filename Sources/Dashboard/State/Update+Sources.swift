import FleetModel
import TerminalUI

// The overlay of the sources: it only scrolls.
extension ViewState {
  mutating func pressSources(_ key: Key, top: Int) {
    switch key {
    case .up, .character("k"): scrollSources(to: top - 1)
    case .down, .character("j"): scrollSources(to: top + 1)
    case .pageUp: scrollSources(to: top - 10)
    case .pageDown, .character(" "): scrollSources(to: top + 10)
    case .escape, .enter, .character("q"), .character("f"): overlay = nil
    default: return  // Keys are many; every other one leaves it as it is.
    }
  }

  mutating func scrollSources(to top: Int) {
    let last = SourcesOverlay(sources: latest?.sources ?? [], size: size).lastTop
    overlay = .sources(top: min(max(0, top), last))
  }
}

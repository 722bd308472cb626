import FleetModel
import TerminalUI

// The dialog that takes a breaker out of the rules' hands: text goes into the reason, arrows and
// Tab choose the time to live, Enter does it.
extension ViewState {
  mutating func press(_ key: Key, request: OverrideRequest) -> [Effect] {
    var request = request
    switch key {
    case .enter: return reply(.yes, to: request)
    case .escape: return reply(.no, to: request)
    case .right, .tab: request.changeLifetime(by: 1)
    case .left, .backTab: request.changeLifetime(by: -1)
    default: guard request.reason.edit(key, limit: Self.typedLimit) else { return [] }
    }
    overlay = .override(request)
    return []
  }

  mutating func paste(_ text: String, into request: OverrideRequest) {
    var request = request
    for character in text.prefix(Self.typedLimit) {
      _ = request.reason.edit(.character(character), limit: Self.typedLimit)
    }
    overlay = .override(request)
  }

  /// The one place where an override leaves the dashboard.
  mutating func reply(_ answer: Confirmation.Answer, to request: OverrideRequest) -> [Effect] {
    overlay = nil
    switch answer {
    case .yes: return [.perform(request.command(owner: owner))]
    case .no, .force: return []
    }
  }
}

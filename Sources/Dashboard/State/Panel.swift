/// The eight panels of the fleet page, by the number that leads to them.
package enum Panel: Int, Hashable, Sendable, CaseIterable {
  case fleet = 1
  case retryRate, success, backoff, breakers, pools, deadLetters, events

  package var title: String {
    switch self {
    case .fleet: "fleet"
    case .retryRate: "retry rate"
    case .success: "success %"
    case .backoff: "backoff delay"
    case .breakers: "breakers"
    case .pools: "connection pools"
    case .deadLetters: "dead letters"
    case .events: "events"
    }
  }
}

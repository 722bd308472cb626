/// What comes on a `subscriptions/listen` of ours.
package struct SubscriptionCourse: Sendable {
  package enum Step: Sendable {
    case nothing
    /// The server took the subscription; it may have missed any change before.
    case acknowledged
    case notice(method: String, params: JSONView?)
    /// The server has ended it: by a result, or by `notifications/cancelled`.
    case ended
    /// The server does not do this.
    case refused
  }

  /// Of the request; all that belongs to it is tagged with it.
  package let id: Int
  /// Something came after the acknowledgement.
  package private(set) var broughtNews = false

  /// Nothing else comes this way: what has no tag is of this subscription too.
  private let isAlone: Bool

  package init(id: Int, isAlone: Bool) { (self.id, self.isAlone) = (id, isAlone) }

  package mutating func take(_ message: RPCMessage) -> Step {
    switch message {
    case .response(let answered, let answer):
      switch answer {
      case .result: return Classification.matches(answered, id) ? .ended : .nothing
      case .error:
        return answered == nil || Classification.matches(answered, id) ? .refused : .nothing
      }
    case .notification(let method, let params):
      switch ServerNotice(method: method, params: params) {
      case .ended(let ended): return ended == id ? .ended : .nothing
      case .acknowledged: return isOurs(params) ? .acknowledged : .nothing
      case .toolsChanged, .readsChanged:
        guard isOurs(params) else { return .nothing }
        broughtNews = true
        return .notice(method: method, params: params)
      case .progress, .logged: return .notice(method: method, params: params)
      case .other: return .nothing
      }
    // Modern servers may not ask.
    case .request: return .nothing
    }
  }

  private func isOurs(_ params: JSONView?) -> Bool {
    ServerNotice.subscription(of: params).map { $0 == id } ?? isAlone
  }
}

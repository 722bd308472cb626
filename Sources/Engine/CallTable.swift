import FleetModel

/// The calls under way, by their ids.
///
/// A call's state is changed where it lies: a dictionary of states moves the whole of it out and in
/// again with each change.
struct CallTable: Sendable {
  private var slots: [CallID: Int] = [:]
  /// By slot; nil where the slot is free.
  private var states: [CallState?] = []
  private var freeSlots: [Int] = []

  /// In order.
  var ids: [CallID] { slots.keys.sorted() }

  /// Nil for a call that is not here; such a one is added by `insert` only.
  subscript(id: CallID) -> CallState? {
    _read {
      if let slot = slots[id] { yield states[slot] } else { yield nil }
    }
    _modify {
      if let slot = slots[id] {
        yield &states[slot]
      } else {
        var nobody: CallState?
        yield &nobody
      }
    }
  }

  /// - Parameter state: of a call that is not here.
  mutating func insert(_ state: CallState) {
    let slot = freeSlots.popLast() ?? states.count
    if slot == states.count { states.append(state) } else { states[slot] = state }
    slots[state.call.id] = slot
  }

  mutating func remove(_ id: CallID) -> CallState? {
    guard let slot = slots.removeValue(forKey: id) else { return nil }
    freeSlots.append(slot)
    return states[slot].take()
  }
}

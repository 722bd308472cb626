import CLinux

/// What an owner of a file descriptor wants to be told of; hangups and errors always come.
package struct Interest: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let readable = Interest(rawValue: 1)
  package static let writable = Interest(rawValue: 2)
  /// The peer closed its sending side, told even to an owner that does not read just now.
  package static let peerClosed = Interest(rawValue: 4)

  var epollBits: UInt32 {
    (contains(.readable) ? EPOLLIN.rawValue : 0)
      | (contains(.writable) ? EPOLLOUT.rawValue : 0)
      | (contains(.peerClosed) ? EPOLLRDHUP.rawValue : 0)
  }
}

/// What the kernel says of a file descriptor now; it is said again until it is dealt with.
package struct Readiness: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8

  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let readable = Readiness(rawValue: 1)
  package static let writable = Readiness(rawValue: 2)
  /// The peer closed its sending side (only where `Interest.peerClosed` asked for it).
  package static let peerClosed = Readiness(rawValue: 4)
  /// Both directions are over; of a pipe, the other end is closed.
  package static let hangup = Readiness(rawValue: 8)
  package static let error = Readiness(rawValue: 16)

  init(epollBits bits: UInt32) {
    var readiness: Readiness = []
    if bits & EPOLLIN.rawValue != 0 { readiness.insert(.readable) }
    if bits & EPOLLOUT.rawValue != 0 { readiness.insert(.writable) }
    if bits & EPOLLRDHUP.rawValue != 0 { readiness.insert(.peerClosed) }
    if bits & EPOLLHUP.rawValue != 0 { readiness.insert(.hangup) }
    if bits & EPOLLERR.rawValue != 0 { readiness.insert(.error) }
    self = readiness
  }
}

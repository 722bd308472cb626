import CLinux
import FleetModel
import Glibc

/// A pipe between us and a child, which no other child gets; closes what was not taken.
struct ChildPipe: ~Copyable {
  let readEnd: Int32
  let writeEnd: Int32

  init() throws(Failure) {
    var ends: [Int32] = [-1, -1]
    guard clinux_pipe(&ends) == 0 else {
      throw Failure(
        .spawnFailed, "no pipe to be had: \(String(cString: strerror(errno)))", delivery: .notSent)
    }
    (readEnd, writeEnd) = (ends[0], ends[1])
  }

  deinit {
    close(readEnd)
    close(writeEnd)
  }

  consuming func takeReadEnd() -> Int32 {
    close(writeEnd)
    let end = readEnd
    discard self
    return end
  }

  consuming func takeWriteEnd() -> Int32 {
    close(readEnd)
    let end = writeEnd
    discard self
    return end
  }
}

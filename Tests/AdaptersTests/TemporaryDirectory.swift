import Foundation

/// A directory of a test's own, gone with the last reference.
final class TemporaryDirectory: Sendable {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "mcpdash-test-" + UUID().uuidString
    mkdir(path, 0o700)
  }

  deinit {
    // What is left over in the temporary directory harms no test.
    try? FileManager.default.removeItem(atPath: path)
  }

  func file(_ name: String) -> String { path + "/" + name }
}

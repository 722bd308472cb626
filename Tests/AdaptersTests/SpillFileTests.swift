import Engine
import Glibc
import Testing

@testable import Adapters

/// What the store did not take, between two runs, with several processes at the same file.
struct SpillFileTests {
  private let directory = TemporaryDirectory()

  private var file: PrivateSpillFile { PrivateSpillFile(path: directory.file("state/spill.jsonl")) }

  private func lines(_ words: String...) -> [[UInt8]] { words.map { Array($0.utf8) } }

  @Test func `its lines are there until they are taken out, then it is gone`() throws {
    #expect(try file.read() == [])
    try file.exchange([], for: lines("one", "two"))
    #expect(try file.read() == lines("one", "two"), "its directory was made too")
    var status = stat()
    #expect(stat(file.path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    try file.exchange(Set(lines("one")), for: lines("three"))
    #expect(try file.read() == lines("two", "three"))
    try file.exchange(Set(lines("two", "three")), for: [])
    #expect(try file.read() == [])
    #expect(stat(file.path, &status) != 0)
  }

  @Test func `what another process wrote since it was read stays`() throws {
    try file.exchange([], for: lines("mine"))
    let read = Set(try file.read())
    try file.exchange([], for: lines("another's"))
    try file.exchange(read, for: [])
    #expect(try file.read() == lines("another's"))
  }

  @Test func `of many who write at the same time nobody loses a line`() async throws {
    let file = file
    try await withThrowingTaskGroup { group in
      for writer in 0..<8 {
        group.addTask {
          for number in 0..<20 {
            try file.exchange([], for: [Array("\(writer)-\(number)".utf8)])
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(Set(try file.read()).count == 160)
  }

  @Test func `half a line at its end is a line as well, and stays`() throws {
    try file.exchange([], for: lines("whole"))
    let descriptor = open(file.path, O_WRONLY | O_APPEND)
    #expect(write(descriptor, "half", 4) == 4)
    close(descriptor)
    #expect(try file.read() == lines("whole", "half"))
    try file.exchange(Set(lines("whole")), for: lines("new"))
    #expect(try file.read() == lines("half", "new"))
  }

  @Test func `what cannot be read is not overwritten`() throws {
    try file.exchange([], for: lines("one"))
    try #require(rename(file.path, file.path + ".real") == 0)
    try #require(symlink(file.path + ".real", file.path) == 0)
    #expect(throws: SpillFileError.self) { try file.read() }
    #expect(throws: SpillFileError.self) { try file.exchange([], for: lines("two")) }
    #expect(try PrivateSpillFile(path: file.path + ".real").read() == lines("one"))
  }
}

import Glibc
import Testing

@testable import Adapters

/// Two pipes as a process sees its standard streams, and their far ends.
private struct Streams {
  var input: Int32 = -1
  var output: Int32 = -1
  var farInput: Int32 = -1
  var farOutput: Int32 = -1

  init() {
    var (toChannel, fromChannel): ([Int32], [Int32]) = ([-1, -1], [-1, -1])
    #expect(pipe(&toChannel) == 0 && pipe(&fromChannel) == 0)
    (input, farInput, farOutput, output) =
      (toChannel[0], toChannel[1], fromChannel[0], fromChannel[1])
  }

  func send(_ text: String) {
    let bytes = Array(text.utf8)
    #expect(write(farInput, bytes, bytes.count) == bytes.count)
  }

  func closeAll() {
    for fd in [input, output, farOutput] { close(fd) }
  }
}

@Suite(.timeLimit(.minutes(5))) struct EventLoopLineChannelTests {
  /// What a channel with a limit of 8 bytes makes of the text.
  private func lines(of pieces: [String]) async -> [String] {
    let streams = Streams()
    let record = Record<String>()
    await withEventLoop { loop in
      let (ended, ending) = AsyncStream<Void>.makeStream()
      let channel = LineChannel(
        loop: loop, input: streams.input, output: streams.output, lineByteLimit: 8,
        onLine: { record.add(String(decoding: $0, as: UTF8.self)) },
        onEnd: { ending.finish() })
      loop.run { channel.start() }
      for piece in pieces {
        streams.send(piece)
        await loop.turn()
      }
      close(streams.farInput)
      for await _ in ended {}
    }
    streams.closeAll()
    return record.all
  }

  @Test func `lines are the same however they are cut`() async {
    #expect(await lines(of: ["one\ntwo\r\n\nthree\nrest"]) == ["one", "two", "", "three"])
    #expect(
      await lines(of: ["on", "e\nt", "wo\r", "\n\nthre", "e\nrest"]) == ["one", "two", "", "three"])
  }

  @Test func `a line over the limit is dropped and the next one kept`() async {
    #expect(await lines(of: ["12345678\n123456789\nnext\n"]) == ["12345678", "next"])
    #expect(await lines(of: ["12345", "6789", "0123456789", "\nnext\n"]) == ["next"])
  }

  @Test func `a file can be the input`() async throws {
    var template = Array("/tmp/mcpdash-test-XXXXXX".utf8CString)
    let file = template.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map { mkstemp($0) } ?? -1
    }
    try #require(file >= 0)
    let text = "a\nb\n"
    #expect(write(file, text, 4) == 4)
    lseek(file, 0, SEEK_SET)
    let record = Record<String>()
    await withEventLoop { loop in
      await loop.wait { done in
        LineChannel(
          loop: loop, input: file, output: STDERR_FILENO,
          onLine: { record.add(String(decoding: $0, as: UTF8.self)) }, onEnd: { done(()) }
        ).start()
      }
    }
    #expect(record.all == ["a", "b"])
    close(file)
    unlink(template.withUnsafeBufferPointer { String(cString: Array($0)) })
  }

  @Test func `a writer waits for a reader that is slow, and loses nothing`() async {
    let streams = Streams()
    let total = 4_000_000
    let piece = [UInt8](repeating: 120, count: 50_000)
    let written = Record<Int>()
    await withEventLoop { loop in
      let channel = LineChannel(
        loop: loop, input: streams.input, output: streams.output, onLine: { _ in }, onEnd: {})
      @Sendable func writeOn(_ sent: Int) {
        guard sent < total else { return }
        channel.whenWritable {
          channel.write(piece)
          written.add(sent)
          writeOn(sent + piece.count)
        }
      }
      writeOn(0)
      var last = -1
      while last != written.all.count {
        last = written.all.count
        for _ in 0..<50 { await loop.turn() }
      }
      #expect(last * piece.count < 2 * LineChannel.unsentHighWater)
      var received = 0
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while received < total {
        let count = read(streams.farOutput, &buffer, buffer.count)
        guard count > 0 else { break }
        received += count
      }
      #expect(received == total)
    }
    streams.closeAll()
    close(streams.farInput)
  }
}

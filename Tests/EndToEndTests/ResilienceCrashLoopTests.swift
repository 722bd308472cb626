import Foundation
import Testing

extension EndToEnd {
  /// Child processes that end when they should not.
  @Suite struct ResilienceCrashLoops {
    @Test
    func `a program that ends at once is a crash loop with its last words until it is mended`()
      async throws
    {
      let place = try Workplace()
      let neighbour = try await FaultyServer(in: place)
      let script = try place.write(
        "server.sh", "#!/bin/sh\necho 'cannot open the ledger' >&2\nexit 3\n")
      let program = try Program(
        place,
        configuration: """
          { servers: {
              broken: { command: "/bin/sh", args: ["\(script)"], policies: { pool: {
                reconnectDelay: "100ms", maxReconnectDelay: "500ms", sustainedUptime: "1s" } } },
              neighbour: { url: "\(neighbour.url)" } } }
          """)
      let screen = try await Screen(place, columns: 200, rows: 60, command: program.commandLine)
      let looping = try await program.picture(where: "it is a crash loop") {
        ($0["broken"]?.crashLoop?.count ?? 0) >= 3
      }
      let words = looping["broken"]?.crashLoop?.lastWords
      #expect(words?.contains("cannot open the ledger") == true, "\(words ?? "nothing")")
      #expect(words?.contains("status 3") == true)
      let text = try await screen.shows("CRASH LOOP")
      #expect(text.contains("cannot open the ledger"), "\(text)")
      for _ in 0..<20 {
        let outcome = try await program.call("neighbour", "echo", #"{"message": "a"}"#)
        #expect(outcome.attempts.map(\.result) == ["ok"])
      }
      let refused = try await program.call("broken", "echo", #"{"message": "a"}"#)
      #expect(refused.failure?.delivery == "notSent")
      #expect(refused.failure?.message.contains("cannot open the ledger") == true)

      let faulty = try Prerequisite.faultServer.found()
      try place.write("server.sh", "#!/bin/sh\nexec '\(faulty)' --stdio --name mended\n")
      try await program.picture(where: "it is out of the loop") {
        $0["broken"]?.isConnected == true && $0["broken"]?.crashLoop == nil
      }
      #expect(try await program.call("broken", "whoami").text?.contains("mended") == true)
      try await screen.shows("out of its crash loop")
    }

    @Test func `a child killed in the middle of a call leaves a letter, and a new child answers`()
      async throws
    {
      let place = try Workplace()
      let faulty = try Prerequisite.faultServer.found()
      let program = try Program(
        place,
        configuration: """
          { servers: { alpha: { command: "\(faulty)", args: ["--stdio", "--crash-after", "2"] } } }
          """)
      let screen = try await Screen(place, command: program.commandLine)
      try await program.picture(where: "it is connected") { $0["alpha"]?.isConnected == true }
      #expect(try await program.call("alpha", "counter").kind == "success")
      let lost = try await program.call("alpha", "counter")
      #expect(lost.failure?.delivery == "unknown", "\(lost)")
      #expect(lost.attempts.count == 1)
      #expect(try await program.letters().map(\.unsafeToReplay) == [true])
      #expect(try await program.call("alpha", "counter").kind == "success")
      // A read that the second child dies of is sent again, to the third.
      let read = try await program.call("alpha", "echo", #"{"message": "hello"}"#)
      #expect(read.text == "hello", "\(read)")
      #expect(read.attempts.map(\.result) == ["process exited", "ok"])
      try await screen.shows("alpha")
    }
  }
}

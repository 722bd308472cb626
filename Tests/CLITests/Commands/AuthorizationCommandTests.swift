import FleetModel
import Testing

@testable import CLI

/// `login`, `logout`, `auth status` and tokens of callers, before any network.
struct AuthorizationCommandTests {
  private func bench(
    _ entries: String, environment: [String: String] = [:]
  ) -> ProgramBench {
    ProgramBench(
      doors: ScriptedDoors(running: ScriptedFleet()),
      files: ["./mcpdash.json5": "{servers: {\(entries)}}"],
      environment: ["HOME": "/nowhere"].merging(environment) { $1 })
  }

  @Test(arguments: [
    ("a: {command: 'x'}", "'a' is no HTTP server; give it credentials with env or headers"),
    ("a: {url: 'https://m/', auth: 't'}", "'a' needs no login: its credentials are in headers"),
    (
      "a: {url: 'https://m/', headersHelper: 'h'}", "'a' needs no login: a command prints its token"
    ),
    (
      "a: {url: 'https://m/', auth: {type: 'clientCredentials', clientId: 'c', clientSecret: 's'}}",
      "'a' needs no login: it gets its tokens with client credentials, by itself"
    ),
    ("alpha: {url: 'https://m/'}, ab: {url: 'https://n/'}", "there is no server 'a'"),
  ])
  func `a login that makes no sense is told why`(entries: String, words: String) async {
    let result = await bench(entries).run("login", "a")
    #expect(result.status == .usage)
    #expect(result.complaints.contains { $0.hasPrefix("mcpdash: \(words)") })
    #expect(result.output.isEmpty)
  }

  @Test func `every kind of authorization is listed, and no token`() async {
    let result = await bench(
      "a: {command: 'x'}, b: {url: 'https://m/'}, c: {url: 'https://m/', auth: 'secret-1'},"
        + " d: {url: 'https://m/', headersHelper: 'h'},"
        + " e: {url: 'https://m/', auth: {type: 'none'}},"
        + " f: {url: 'https://m/', auth: {type: 'clientCredentials', clientId: 'c',"
        + " clientSecret: 'secret-1'}}"
    ).run("auth", "status")
    #expect(result.status == .success)
    #expect(
      result.output == """
        SERVER  KIND     STATE     ISSUER  SCOPES  UNTIL
        a       program  -         -       -       -
        b       login    no login  -       -       -
        c       header   -         -       -       -
        d       command  -         -       -       -
        e       none     -         -       -       -
        f       client   -         -       -       -

        """)
  }

  @Test(arguments: [
    (["--token-env", "MISSING"], "--token-env: the variable MISSING is not set"),
    (["--token-env", "TWO"], "the token must be one word"),
    (["--token-env", "EMPTY"], "the token must be one word"),
    (["--token-file", "/missing"], "--token-file: cannot read '/missing'"),
  ])
  func `a token that cannot be had ends the call`(flags: [String], words: String) async {
    let bench = bench(
      "a: {url: 'https://m/'}", environment: ["TWO": "secret-1 secret-2", "EMPTY": " "])
    let result = await bench.run(["call", "alpha", "t"] + flags)
    #expect(result.status != .success)
    #expect(result.complaints.contains { $0.contains(words) })
    #expect(result.complaints.allSatisfy { !$0.contains("secret") })
  }

  @Test func `a token from a file is without its line end`() throws {
    let files = CommandContext.FileAccess(
      exists: { _ in true }, read: { _ in Array("from-file\r\n".utf8) }, standardInput: { [] },
      stamp: { _ in nil }, directory: "/")
    let context = CommandContext(
      options: GlobalOptions(), environment: ["T": "from-variable"],
      console: Console(output: { _ in }, complaint: { _ in }, status: { _ in }),
      doors: ScriptedDoors(),
      columns: 80, files: files, sleep: { _ in })
    #expect(try context.token(at: .file("/token")) == Secret("from-file"))
    #expect(try context.token(at: .variable("T")) == Secret("from-variable"))
  }
}

import Foundation
import Testing

/// A protected server on a port of its own, and the program configured for it under the name `s`.
struct AuthorizationStage {
  let place: Workplace
  let program: Program
  let port: Int
  private let environment: [String: String]

  /// - Parameters:
  ///   - entry: more keys of the server; `auth` is one of them.
  ///   - key: the algorithm of a key pair to make.
  init(
    _ script: String, _ faults: [String] = [], auth: String? = nil, entry: String? = nil,
    environment: [String: String] = [:], key: String? = nil
  ) async throws {
    place = try Workplace()
    port = try Workplace.freePort()
    self.environment = environment
    if let key { try await Self.makeKey(key, in: place) }
    let server = try place.start(
      "server", try Prerequisite.currentPython.found(),
      [Prerequisite.script(script), String(port)] + faults,
      environment: ["JWT_KEY": place.path("key.pub")])
    let more = entry ?? auth.map { "auth: \($0)" }
    program = try Program(
      place,
      configuration: "{servers: {s: {url: 'http://127.0.0.1:\(port)/mcp', \(more ?? "")}}}")
    try await eventually("the protected server is ready") { server.output.hasPrefix("ready ") }
  }

  private static func makeKey(_ algorithm: String, in place: Workplace) async throws {
    let form =
      algorithm == "ES256"
      ? ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"] : ["-algorithm", "RSA"]
    try await run("/usr/bin/openssl", ["genpkey", "-out", "key.pem"] + form, in: place)
    try await run(
      "/usr/bin/openssl", ["pkey", "-in", "key.pem", "-pubout", "-out", "key.pub"], in: place)
  }

  private static func run(
    _ program: String, _ arguments: [String], in place: Workplace
  ) async throws {
    let child = try place.start("tool-\(UUID().uuidString.prefix(4))", program, arguments)
    let status = try await eventually("the end of \(program)") { child.status }
    #expect(status == 0, "\(child.errors)")
  }

  var tokens: String { place.path("state/tokens.json") }

  /// A run with the variables of this stage and more.
  func run(_ words: [String], _ more: [String: String] = [:]) async throws -> Program.Result {
    try await Program.run(
      program.arguments + words, in: place, environment: environment.merging(more) { $1 })
  }

  /// `mcpdash login s`, with curl as the browser.
  func login(_ more: [String] = []) async throws -> Program.Result {
    let name = "login-\(UUID().uuidString.prefix(4))"
    let child = try place.start(
      name, try Prerequisite.mcpdash.found(), program.arguments + ["login", "s"] + more)
    try await eventually("an address, or the end: \(child.errors)") {
      child.output.hasPrefix("http") || child.status != nil
    }
    if let url = child.output.split(separator: "\n").first, child.status == nil {
      try await Self.run("/usr/bin/curl", ["-sS", "-L", "-o", "page", String(url)], in: place)
    }
    let status = try await eventually("the end of the login: \(child.errors)") { child.status }
    return Program.Result(
      status: status, output: child.output, errors: child.errors, peakKilobytes: 0)
  }

  // MARK: The stand-in

  struct Seen: Decodable {
    struct Authorization: Decodable { var scope: String? }
    struct Token: Decodable { var grant: String }

    var registrations: Int
    var authorizations: [Authorization]
    var tokens: [Token]
    var revocations: Int
  }

  func seen() async throws -> Seen {
    let request = try LoopbackRequest("GET", "/seen", to: .port(port))
    let answer = try await eventually("what the stand-in saw") { request.answer }
    return try JSONDecoder().decode(Seen.self, from: Data(answer.body.utf8))
  }

  func ask(_ method: String, _ path: String) async throws {
    let request = try LoopbackRequest(method, path, to: .port(port))
    let answer = try await eventually("an answer of the stand-in") { request.answer }
    #expect(answer.status == 200)
  }

  // MARK: Secrets

  /// Nothing but the file of tokens holds one, and only its owner can read that.
  func expectNoSecrets(in results: [Program.Result]) throws {
    let text = try String(contentsOfFile: tokens, encoding: .utf8)
    let mode = try FileManager.default.attributesOfItem(atPath: tokens)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let secrets = ["accessToken", "refreshToken", "clientSecret"].flatMap { name in
      text.components(separatedBy: #""\#(name)":""#).dropFirst().compactMap {
        $0.components(separatedBy: "\"").first
      }
    }
    #expect(!secrets.isEmpty)
    try expectNothing(of: secrets, in: results)
  }

  func expectNothing(of secrets: [String], in results: [Program.Result]) throws {
    for result in results {
      for secret in secrets {
        #expect(!result.output.contains(secret))
        #expect(!result.errors.contains(secret))
      }
    }
    let state = URL(filePath: place.path("state"))
    let names = try FileManager.default.contentsOfDirectory(atPath: state.path)
    for name in names where name != "tokens.json" {
      let file = FileManager.default.contents(atPath: state.appending(path: name).path)
      let text = String(decoding: file ?? Data(), as: UTF8.self)
      for secret in secrets { #expect(!text.contains(secret), "\(name) holds a token") }
    }
  }
}

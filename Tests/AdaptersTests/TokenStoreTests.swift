import FleetModel
import Foundation
import Testing
import Wire

@testable import Adapters

@Suite struct `The file of tokens` {
  private static func grant(_ token: String, server: String = "https://m.example") -> OAuthGrant {
    OAuthGrant(
      issuer: "https://as.example", server: server, resource: server,
      identity: OAuthIdentity(id: "c", authentication: .none),
      tokenEndpoint: "https://as.example/token", accessToken: Secret(token))
  }

  private static func mode(_ path: String) throws -> Int {
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    return try #require(attributes[.posixPermissions] as? Int)
  }

  @Test func `is for its owner's eyes alone`() throws {
    let directory = TemporaryDirectory()
    let path = directory.path + "/a/b/tokens.json"
    let store = TokenStore(path: path)
    #expect(try store.read() == TokenFile())
    #expect(!FileManager.default.fileExists(atPath: path), "reading makes nothing")
    try store.change { $0.keep(Self.grant("t")) }
    #expect(try Self.mode(path) == 0o600)
    #expect(try Self.mode(directory.path + "/a/b") == 0o700)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: directory.path + "/a/b").sorted()
        == ["tokens.json", "tokens.json.lock"])
  }

  @Test func `that others may read is not read, and the cure is told`() throws {
    let directory = TemporaryDirectory()
    let path = directory.path + "/tokens.json"
    let store = TokenStore(path: path)
    try store.change { $0.keep(Self.grant("t")) }
    chmod(path, 0o644)
    let failure = #expect(throws: Failure.self) { try TokenStore(path: path).read() }
    #expect(failure?.message.contains("chmod 600 \(path)") == true)
  }

  @Test func `that is broken is never overwritten`() throws {
    let directory = TemporaryDirectory()
    let path = directory.path + "/tokens.json"
    try Data("{".utf8).write(to: URL(filePath: path))
    chmod(path, 0o600)
    let store = TokenStore(path: path)
    #expect(throws: Failure.self) { try store.change { $0.keep(Self.grant("t")) } }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "{")
  }

  @Test func `shows what another process wrote`() throws {
    let directory = TemporaryDirectory()
    let path = directory.path + "/tokens.json"
    let (here, there) = (TokenStore(path: path), TokenStore(path: path))
    try here.change { $0.keep(Self.grant("one")) }
    #expect(try there.read().grants.map(\.accessToken) == [Secret("one")])
    try here.change { $0.keep(Self.grant("two", server: "https://n.example")) }
    #expect(try there.read().grants.map(\.accessToken) == [Secret("one"), Secret("two")])
    try there.change { $0.keep(Self.grant("three")) }
    #expect(try here.read().grants.map(\.accessToken) == [Secret("two"), Secret("three")])
  }

  @Test func `loses nothing when many change it at once`() async throws {
    let directory = TemporaryDirectory()
    let path = directory.path + "/tokens.json"
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<16 {
        group.addTask {
          // A failure shows in the count below.
          try? TokenStore(path: path).change {
            $0.keep(Self.grant("t", server: "https://m\(number).example"))
          }
        }
      }
    }
    #expect(try TokenStore(path: path).read().grants.count == 16)
  }

  /// RFC 7636, appendix B.
  @Test func `holds what was won with the proof key of the specification`() {
    let key = ProofKey(
      verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", digest: Cryptography.sha256)
    #expect(key.challenge == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM")
  }

  @Test(arguments: ["", "no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
  func `is not to be had with a key that is none`(pem: String) {
    for algorithm in ["ES256", "RS256", "none"] {
      let error = #expect(throws: Cryptography.KeyError.self) {
        try Cryptography.sign([1], pem: pem, algorithm: algorithm)
      }
      #expect(error?.message.contains("AAAA") == false)
    }
  }
}

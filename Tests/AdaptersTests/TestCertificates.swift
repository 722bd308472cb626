import Foundation

/// Certificates of an authority of the test's own, made by the openssl command.
struct TestCertificates {
  let directory = TemporaryDirectory()

  /// Whom the client may believe.
  var authority: String { directory.file("ca.pem") }
  /// Of every server certificate.
  var key: String { directory.file("server.key") }

  enum Kind: String, CaseIterable {
    case good, expired, otherHost, selfSigned
  }

  struct Failed: Error {
    var words: String
  }

  init() throws {
    try openssl(["req", "-x509", "-days", "2", "-subj", "/CN=Test CA"] + newKey("ca", "ca.pem"))
  }

  /// - Returns: the file of a certificate for `localhost`, or for what the kind says.
  func make(_ kind: Kind) throws -> String {
    let host = kind == .otherHost ? "other.example" : "localhost"
    let name = ["-subj", "/CN=\(host)", "-addext", "subjectAltName=DNS:\(host)"]
    let file = directory.file("\(kind.rawValue).pem")
    guard kind != .selfSigned else {
      try openssl(["req", "-x509", "-days", "2"] + name + newKey("server", file))
      return file
    }
    try openssl(["req"] + name + newKey("server", "server.csr"))
    try openssl([
      "x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key",
      "-CAcreateserial", "-copy_extensions", "copy", "-days", kind == .expired ? "-1" : "2",
      "-out", file,
    ])
    return file
  }

  private func newKey(_ name: String, _ output: String) -> [String] {
    [
      "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout",
      "\(name).key", "-out", output,
    ]
  }

  private func openssl(_ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/openssl")
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: directory.path)
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    let words = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failed(words: String(decoding: words, as: UTF8.self))
    }
  }
}

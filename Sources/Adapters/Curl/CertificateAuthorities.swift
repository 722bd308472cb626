import Glibc

/// Whose certificates are believed; the system's where nothing is said.
package struct CertificateAuthorities: Hashable, Sendable {
  /// PEM, one certificate after the other.
  package var file: String?
  /// Certificates by their hashes, as `openssl rehash` names them.
  package var directory: String?

  package init(file: String? = nil, directory: String? = nil) {
    self.file = file
    self.directory = directory
  }

  /// What curl and OpenSSL read: `CURL_CA_BUNDLE`, else `SSL_CERT_FILE`; `SSL_CERT_DIR`.
  package static func environment(
    _ value: (String) -> String? = { getenv($0).map { String(cString: $0) } }
  ) -> CertificateAuthorities {
    func filled(_ name: String) -> String? { value(name).flatMap { $0.isEmpty ? nil : $0 } }
    return CertificateAuthorities(
      file: filled("CURL_CA_BUNDLE") ?? filled("SSL_CERT_FILE"), directory: filled("SSL_CERT_DIR"))
  }
}

import CCrypto

/// Digests by libcrypto.
package enum Digest {
  /// SHA-256 (FIPS 180-4) of all the bytes: 32 bytes.
  package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    var length: UInt32 = 0
    guard EVP_Digest(bytes, bytes.count, &digest, &length, EVP_sha256(), nil) == 1, length == 32
    else { preconditionFailure("libcrypto has SHA-256 and memory for it") }
    return digest
  }

  /// Two lower-case hexadecimal digits per byte.
  package static func hexadecimal(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(
      decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

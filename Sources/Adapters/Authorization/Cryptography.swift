import CCrypto
import Wire

/// What libcrypto does for logins.
package enum Cryptography {
  package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    var size: UInt32 = 0
    let status = EVP_Digest(bytes, bytes.count, &digest, &size, EVP_sha256(), nil)
    precondition(status == 1 && size == 32, "libcrypto knows SHA-256")
    return digest
  }

  /// Why a key signs nothing.
  package struct KeyError: Error, Hashable, Sendable {
    /// Without any part of the key.
    package var message: String
  }

  /// A JSON Web Signature (RFC 7518 §3.3, §3.4).
  ///
  /// - Parameters:
  ///   - pem: a private key, without a password.
  ///   - algorithm: `ES256` with a key on P-256, `RS256` with one of 2048 bits or more.
  package static func sign(
    _ message: [UInt8], pem: String, algorithm: String
  ) throws(KeyError) -> [UInt8] {
    let isElliptic = algorithm == "ES256"
    guard isElliptic || algorithm == "RS256" else {
      throw KeyError(message: "the signing algorithm must be ES256 or RS256")
    }
    guard let key = key(in: Array(pem.utf8)) else {
      ERR_clear_error()
      throw KeyError(message: "the private key is no PEM key without a password")
    }
    defer { EVP_PKEY_free(key) }
    let bits = EVP_PKEY_get_bits(key)
    guard
      isElliptic
        ? EVP_PKEY_is_a(key, "EC") == 1 && bits == 256
        : EVP_PKEY_is_a(key, "RSA") == 1 && bits >= 2048
    else {
      throw KeyError(
        message: isElliptic
          ? "ES256 needs a private key on the curve P-256"
          : "RS256 needs a private RSA key of 2048 bits or more")
    }
    guard let context = EVP_MD_CTX_new() else { preconditionFailure("libcrypto has no memory") }
    defer { EVP_MD_CTX_free(context) }
    var size = 0
    var signature = [UInt8](repeating: 0, count: Int(EVP_PKEY_get_size(key)))
    size = signature.count
    guard EVP_DigestSignInit(context, nil, EVP_sha256(), nil, key) == 1,
      EVP_DigestSign(context, &signature, &size, message, message.count) == 1
    else {
      ERR_clear_error()
      throw KeyError(message: "the private key cannot sign")
    }
    signature.removeLast(signature.count - size)
    guard isElliptic else { return signature }
    guard let raw = EllipticSignature.raw(der: signature) else {
      throw KeyError(message: "the private key cannot sign")
    }
    return raw
  }

  private static func key(in pem: [UInt8]) -> OpaquePointer? {
    // The source reads the bytes themselves: they must not go before it.
    pem.withUnsafeBytes { bytes in
      guard let source = BIO_new_mem_buf(bytes.baseAddress, Int32(clamping: bytes.count)) else {
        preconditionFailure("libcrypto has no memory")
      }
      defer { BIO_free(source) }
      // Without a callback of ours libcrypto would ask the terminal for a password.
      return PEM_read_bio_PrivateKey(source, nil, { _, _, _, _ in -1 }, nil)
    }
  }
}

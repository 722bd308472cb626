import CCurl
import FleetModel

/// Translates libcurl's error codes.
enum CurlFailure {
  static func kind(_ code: CURLcode, wasSent: Bool, exceedsLimit: Bool) -> Failure.Kind {
    switch code {
    case _ where exceedsLimit: .answerTooLarge
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: .nameNotResolved
    case CURLE_COULDNT_CONNECT: .connectionRefused
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
      CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_USE_SSL_FAILED,
      CURLE_SSL_PINNEDPUBKEYNOTMATCH, CURLE_SSL_ENGINE_NOTFOUND, CURLE_SSL_ENGINE_SETFAILED,
      CURLE_SSL_ENGINE_INITFAILED, CURLE_SSL_CLIENTCERT, CURLE_SSL_CRL_BADFILE,
      CURLE_SSL_INVALIDCERTSTATUS:
      .tls
    case CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING: .malformedAnswer
    // Also libcurl's word for an answer without a status line.
    case CURLE_UNSUPPORTED_PROTOCOL: wasSent ? .malformedAnswer : .incompatibleProtocol
    case CURLE_URL_MALFORMAT: .incompatibleProtocol
    default: .connectionReset
    }
  }

  /// libcurl's own words without the user and password of a URL in them, as of a proxy's.
  static func text(_ message: String) -> String {
    var parts = message.split(separator: "//", omittingEmptySubsequences: false)
    for index in parts.indices.dropFirst() {
      let authority = parts[index].prefix { !"/ '\"".contains($0) }
      guard let at = authority.lastIndex(of: "@") else { continue }
      parts[index] = "…" + parts[index][at...]
    }
    return parts.joined(separator: "//")
  }
}

import CCurl

/// The part of a URL that decides who is spoken to.
package struct CurlOrigin: Hashable, Sendable {
  package let scheme: String
  /// Lower case.
  package let host: String
  package let port: String

  /// Nil when the URL cannot be parsed or has no host.
  package init?(url: String) {
    guard let parsed = curl_url() else { return nil }
    defer { curl_url_cleanup(parsed) }
    guard curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK,
      let scheme = Self.part(CURLUPART_SCHEME, of: parsed),
      let host = Self.part(CURLUPART_HOST, of: parsed),
      let port = Self.part(CURLUPART_PORT, of: parsed)
    else { return nil }
    self.scheme = scheme
    self.host = host.lowercased()
    self.port = port
  }

  /// Whether a redirect may be followed with the same headers, which may be secrets: to the same
  /// origin, or from http to https on the same host and their usual ports.
  func mayRedirect(to location: String) -> Bool {
    guard let other = CurlOrigin(url: location) else { return false }
    if other == self { return true }
    return other.host == host && scheme == "http" && port == "80" && other.scheme == "https"
      && other.port == "443"
  }

  private static func part(_ part: CURLUPart, of url: OpaquePointer) -> String? {
    var text: UnsafeMutablePointer<CChar>?
    let flags = UInt32(CURLU_DEFAULT_PORT)
    guard curl_url_get(url, part, &text, flags) == CURLUE_OK, let text else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }
}

import CCurl

/// URLs made from others, as libcurl reads them.
enum CurlURL {
  /// A reference made absolute (RFC 3986 §5); nil when one of the two cannot be parsed.
  static func resolve(_ reference: String, against base: String) -> String? {
    changed(base) { curl_url_set($0, CURLUPART_URL, reference, 0) }
  }

  /// The same place on another port.
  static func replacingPort(of url: String, with port: Int) -> String? {
    changed(url) { curl_url_set($0, CURLUPART_PORT, String(port), 0) }
  }

  private static func changed(_ url: String, _ change: (OpaquePointer) -> CURLUcode) -> String? {
    guard let parsed = curl_url() else { return nil }
    defer { curl_url_cleanup(parsed) }
    var text: UnsafeMutablePointer<CChar>?
    guard curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK, change(parsed) == CURLUE_OK,
      curl_url_get(parsed, CURLUPART_URL, &text, 0) == CURLUE_OK, let text
    else { return nil }
    defer { curl_free(text) }
    return String(cString: text)
  }
}

import CCurl
import FleetModel
import Glibc

/// One easy handle of libcurl, used for one request after another.
final class CurlHandle {
  /// `WWW-Authenticate` fields that are read of one answer.
  private static let challengeLimit = 16

  let easy: UnsafeMutableRawPointer
  private var headers: UnsafeMutablePointer<curl_slist>?
  private let errorText: UnsafeMutablePointer<CChar>
  /// What the handle is set to, without the body.
  private var last: CurlRequest?

  /// - Parameters:
  ///   - authorities: whose certificates are believed; nil believes the system's.
  ///   - onSocket: told of each connection's socket when it is made, with `client`.
  ///   - onSocketEnd: closes such a socket, with `client`.
  init(
    authorities: CertificateAuthorities, onBytes: ccurl_write_callback,
    beforeRequest: curl_prereq_callback, onSocket: curl_sockopt_callback,
    onSocketEnd: curl_closesocket_callback, client: UnsafeMutableRawPointer
  ) {
    guard let easy = curl_easy_init() else { preconditionFailure("libcurl has no memory") }
    self.easy = easy
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    ccurl_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
    ccurl_set_long(easy, CURLOPT_NOSIGNAL, 1)
    ccurl_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    // HTTP/2 where TLS offers it; a plain connection stays with 1.1.
    ccurl_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    // Not every encoding that libcurl knows: zstd and brotli make much larger bombs.
    ccurl_set_string(easy, CURLOPT_ACCEPT_ENCODING, "gzip")
    if let file = authorities.file { ccurl_set_string(easy, CURLOPT_CAINFO, file) }
    if let directory = authorities.directory {
      ccurl_set_string(easy, CURLOPT_CAPATH, directory)
    }
    ccurl_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
    ccurl_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
    ccurl_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    ccurl_set_write(easy, onBytes)
    ccurl_set_prereq(easy, beforeRequest)
    ccurl_set_sockets(easy, onSocket, onSocketEnd, client)
  }

  deinit {
    curl_easy_cleanup(easy)
    curl_slist_free_all(headers)
    errorText.deallocate()
  }

  /// Names the transfer that the callbacks and `context(of:)` mean.
  func attach(_ context: UnsafeMutableRawPointer?) {
    ccurl_set_pointer(easy, CURLOPT_PRIVATE, context)
    ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context)
    ccurl_set_pointer(easy, CURLOPT_PREREQDATA, context)
  }

  func prepare(_ request: CurlRequest) {
    errorText[0] = 0
    var settings = request
    settings.body = []
    if settings != last { apply(settings) }
    last = settings
    guard request.method == .post else { return }
    ccurl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, request.body.count)
    request.body.withUnsafeBytes { body in
      _ = ccurl_set_pointer(
        easy, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: body.baseAddress))
    }
  }

  private func apply(_ request: CurlRequest) {
    ccurl_set_string(easy, CURLOPT_URL, request.url)
    ccurl_set_string(easy, CURLOPT_UNIX_SOCKET_PATH, request.unixSocket)
    // A socket is reached without the environment's proxies, everything else as they say.
    ccurl_set_string(easy, CURLOPT_NOPROXY, request.unixSocket == nil ? nil : "*")
    ccurl_set_long(easy, CURLOPT_MAXAGE_CONN, Int(request.idleLimit.seconds))
    ccurl_set_long(easy, CURLOPT_MAXLIFETIME_CONN, Int(request.lifetime.seconds))
    switch request.method {
    case .post:
      ccurl_set_string(easy, CURLOPT_CUSTOMREQUEST, nil)
      ccurl_set_long(easy, CURLOPT_POST, 1)
    case .get, .delete:
      ccurl_set_long(easy, CURLOPT_HTTPGET, 1)
      ccurl_set_string(
        easy, CURLOPT_CUSTOMREQUEST, request.method == .delete ? "DELETE" : nil)
    }
    var list: UnsafeMutablePointer<curl_slist>?
    // An empty header takes away what libcurl adds by itself; a wait for `100 Continue` costs a
    // second.
    list = curl_slist_append(list, "Expect:")
    for field in request.headers {
      let line = field.value.isEmpty ? "\(field.name);" : "\(field.name): \(field.value)"
      list = curl_slist_append(list, line)
    }
    ccurl_set_list(easy, CURLOPT_HTTPHEADER, list)
    curl_slist_free_all(headers)
    headers = list
  }

  /// How many bytes of the request went out.
  var requestSize: Int { number(CURLINFO_REQUEST_SIZE) }

  /// Whether the answer's media type begins so, whatever the case of its letters.
  func answers(with type: String) -> Bool {
    var found: UnsafePointer<CChar>?
    ccurl_get_string(easy, CURLINFO_CONTENT_TYPE, &found)
    return found.map { strncasecmp($0, type, type.utf8.count) == 0 } ?? false
  }

  func response(body: CurlResponse.Body) -> CurlResponse {
    let status = number(CURLINFO_RESPONSE_CODE)
    var response = CurlResponse(
      status: status, contentType: text(CURLINFO_CONTENT_TYPE),
      retryAfter: status < 300 ? nil : header("Retry-After"),
      location: (300..<400).contains(status) ? text(CURLINFO_REDIRECT_URL) : nil,
      session: header("Mcp-Session-Id"), body: body)
    if status == 401 || status == 403 {
      response.challenges = Array(
        sequence(first: 0) { $0 + 1 }.lazy.map { self.header("WWW-Authenticate", index: $0) }
          .prefix { $0 != nil }.prefix(Self.challengeLimit)
      ).compactMap { $0 }
      response.remoteAddress = text(CURLINFO_PRIMARY_IP)
    }
    return response
  }

  /// What an error of libcurl means for the caller.
  /// - Parameter connections: how many were used for the request.
  func failure(_ code: CURLcode, exceedsLimit: Bool, connections: Int) -> Failure {
    let repeated = connections > 1
    // What a proxy was told to make a tunnel is not the request.
    let wasSent = repeated || connections > 0 && requestSize > 0
    let kind = CurlFailure.kind(code, wasSent: wasSent, exceedsLimit: exceedsLimit)
    let detail =
      switch kind {
      case .answerTooLarge:
        "the answer is larger than \(CurlTransfer.answerLimit >> 20) MiB"
      case .connectionReset where repeated: "the connection was closed without an answer"
      default:
        CurlFailure.text(
          errorText[0] == 0
            ? String(cString: curl_easy_strerror(code)) : String(cString: errorText))
      }
    let delivery: Delivery = kind == .answerTooLarge ? .executed : wasSent ? .unknown : .notSent
    return Failure(kind, detail, delivery: delivery)
  }

  private func number(_ info: CURLINFO) -> Int {
    var value = 0
    ccurl_get_long(easy, info, &value)
    return value
  }

  private func text(_ info: CURLINFO) -> String? {
    var value: UnsafePointer<CChar>?
    ccurl_get_string(easy, info, &value)
    return value.map { String(cString: $0) }
  }

  private func header(_ name: String, index: Int = 0) -> String? {
    var found: UnsafeMutablePointer<curl_header>?
    guard curl_easy_header(easy, name, index, UInt32(CURLH_HEADER), -1, &found) == CURLHE_OK
    else { return nil }
    return found.map { String(cString: $0.pointee.value) }
  }
}

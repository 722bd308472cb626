import FleetModel
import Testing

@testable import Wire

/// A pretend server with its authorization server, and a run of a course against them.
struct CourseBench {
  static let now = Timestamp(millisecondsSinceEpoch: 1_800_000_000_000)
  static let redirect = "http://127.0.0.1:5/callback"
  static let issuer = "https://as.example"
  static let place = "https://as.example/.well-known/oauth-authorization-server"
  static let resourcePlace = "https://m.example/.well-known/oauth-protected-resource/mcp"

  var server = "https://m.example/mcp"
  var client = OAuthClient()
  var isPerson = true
  var challenge: BearerChallenge? = BearerChallenge()
  var heldScopes: [String] = []
  var registrations: [OAuthRegistration] = []
  /// Documents by address; any other is a 404.
  var documents: [String: (status: Int, body: String)] = [
    resourcePlace: (200, resource()), place: (200, metadata()),
  ]
  var registration = (status: 201, body: #"{"client_id":"registered"}"#)
  var token = (status: 200, body: #"{"access_token":"T","token_type":"Bearer"}"#)
  /// What the browser comes back with beside the state; nil: a good code.
  var redirectFields = "code=C"

  static func resource(_ more: String = "", servers: [String] = [issuer]) -> String {
    let list = servers.map { "\"\($0)\"" }.joined(separator: ",")
    return #"{"resource":"https://m.example/mcp","authorization_servers":[\#(list)]\#(more)}"#
  }

  static func metadata(
    _ more: String = "", issuer: String = issuer, pkce: String = #"["S256"]"#
  ) -> String {
    let methods = pkce.isEmpty ? "" : #","code_challenge_methods_supported":\#(pkce)"#
    return #"{"issuer":"\#(issuer)","authorization_endpoint":"\#(issuer)/authorize","#
      + #""token_endpoint":"\#(issuer)/token","registration_endpoint":"\#(issuer)/register""#
      + "\(methods)\(more)}"
  }

  struct Run {
    /// `GET address`, `REGISTER body`, `ASK address`, `POST body`.
    var steps: [String] = []
    var grant: OAuthGrant?
    var fault: OAuthFault?
    var posts: [TokenPost] = []
    var registration: OAuthRegistration?

    func fields(_ index: Int = 0) -> [String: String] {
      Dictionary(
        posts[index].fields.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// The parameters of the address that the person was given.
    var asked: [String: String] {
      let url = steps.first { $0.hasPrefix("ASK ") } ?? ""
      let query = url.split(separator: "?", maxSplits: 1).last ?? ""
      return Dictionary(
        FormCoding.decode(query).map { ($0.name, $0.value) },
        uniquingKeysWith: { first, _ in first })
    }

    var methods: [String] { steps.map { String($0.prefix { $0 != " " }) } }
  }

  func run() throws -> Run {
    let address = try #require(WebAddress(server))
    var course = OAuthCourse(
      server: address, rules: AddressRules(server: address), client: client,
      purpose: isPerson
        ? .person(
          redirectURI: Self.redirect, proof: ProofKey(verifier: "V") { _ in [1] }, state: "S")
        : .machine,
      challenge: challenge, heldScopes: heldScopes, registrations: registrations)
    var run = Run()
    var effect = course.begin()
    for _ in 0..<20 {
      switch effect {
      case .get(let url):
        run.steps.append("GET \(url)")
        let document = documents[url] ?? (404, "")
        effect = course.handle(Self.answer(document), at: Self.now)
      case .register(let url, let body):
        run.steps.append("REGISTER \(url) \(body.text)")
        effect = course.handle(Self.answer(registration), at: Self.now)
      case .post(let post):
        run.steps.append("POST \(post.url)")
        run.posts.append(post)
        effect = course.handle(Self.answer(token), at: Self.now)
      case .askPerson(let url):
        run.steps.append("ASK \(url)")
        effect = course.handle(.redirected(query: "\(redirectFields)&state=S"), at: Self.now)
      case .done(let grant):
        run.grant = grant
        run.registration = course.newRegistration
        return run
      case .failed(let fault):
        run.fault = fault
        run.registration = course.newRegistration
        return run
      }
    }
    Issue.record("the course has no end")
    return run
  }

  private static func answer(_ document: (status: Int, body: String)) -> OAuthCourse.Event {
    .answer(status: document.status, body: Array(document.body.utf8))
  }
}

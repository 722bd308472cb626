import Adapters
import FleetModel
import Wire

/// Who consents to whatever the suite's authorization servers ask: opens the address as a browser
/// would and goes no further than the redirect back.
struct ConsentingPerson {
  /// Nobody listens there: the redirect itself is what is wanted.
  private static let redirectURI = "http://localhost:3000/callback"

  let loop: EventLoop

  var person: AuthorizationPerson {
    let curl = CurlClient(loop: loop)
    return AuthorizationPerson(redirectURI: Self.redirectURI) { url throws(OAuthFault) in
      let response: CurlResponse
      do throws(Failure) {
        response = try await curl.send(CurlRequest(method: .get, url: url))
      } catch {
        throw OAuthFault(.unavailable, "the browser found nobody: \(error.message)")
      }
      guard let location = response.location, location.hasPrefix(Self.redirectURI) else {
        throw OAuthFault(.unavailable, "the browser was not sent back: HTTP \(response.status)")
      }
      return String(location.drop { $0 != "?" }.dropFirst().prefix { $0 != "#" })
    }
  }
}

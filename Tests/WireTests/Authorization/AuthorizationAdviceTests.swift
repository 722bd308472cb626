import FleetModel
import Testing

@testable import Wire

@Suite struct `Advice after a refusal` {
  @Test(arguments: [
    (
      true, 401, false, BearerChallenge?.none, "a b",
      "the server answered 401 and wants a login; run: mcpdash login 'a b'"
    ),
    (
      true, 401, true, nil, "a",
      "the server answered 401 and wants a new login: the token is not good any more;"
        + " run: mcpdash login a"
    ),
    (
      true, 403, true, BearerChallenge(scopes: ["w", "x:y"], error: "insufficient_scope"), "a",
      "the server answered 403: the token is not enough for this, which wants the scope w x:y;"
        + " run: mcpdash login a --scope w --scope x:y"
    ),
    (
      true, 403, true, BearerChallenge(error: "insufficient_scope"), "a",
      "the server answered 403: the token is not enough for this; run: mcpdash login a"
    ),
    (
      false, 401, false, nil, "it's",
      "the server answered 401: the configured headers are not what it wants; mend them, or write"
        + #" auth: "oauth" and run: mcpdash login 'it'\''s'"#
    ),
  ])
  func `says what to run`(
    offersLogin: Bool, status: Int, hadToken: Bool, challenge: BearerChallenge?, name: String,
    text: String
  ) {
    let advice = AuthorizationAdvice(server: ServerID(name), offersLogin: offersLogin)
    #expect(advice.text(status: status, challenge: challenge, hadToken: hadToken) == text)
  }

  @Test(arguments: ["$(reboot)", "a;b", "`x`", "--force", "a'b", "a|b", "a>b", "a&b", "*"])
  func `offers no word of a server that a shell or a program would take for more`(scope: String) {
    let advice = AuthorizationAdvice(server: ServerID("a"), offersLogin: true)
    let challenge = BearerChallenge(scopes: [scope], error: "insufficient_scope")
    #expect(
      advice.text(status: 403, challenge: challenge, hadToken: true)
        .hasSuffix("run: mcpdash login a"))
  }
}

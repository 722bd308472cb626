import Engine
import FleetModel
import Testing

@Suite struct `Secrets of a call` {
  private static func text(_ json: String) -> JSONText { JSONText(unchecked: Array(json.utf8)) }

  private let mask = SecretMask(
    SecretField.standard + [SecretField("PIN", value: Secret("12\"34"))])

  @Test(arguments: [
    (#"{"name":"pay","arguments":{"n":1.50}}"#, #"{"name":"pay","arguments":{"n":1.50}}"#, []),
    (
      #"{ "arguments" : { "PassWord" : "a\"b", "n" : 1e0 } }"#,
      #"{ "arguments" : { "PassWord" : "[redacted]", "n" : 1e0 } }"#, ["arguments.PassWord"]
    ),
    (
      #"{"users":[{"api_key":"x"},{"api_key":{"deep":["y",2]}}],"secret":null}"#,
      #"{"users":[{"api_key":"[redacted]"},{"api_key":"[redacted]"}],"secret":null}"#,
      ["users[0].api_key", "users[1].api_key"]
    ),
    (#"{"pin":1234}"#, #"{"pin":"[redacted]"}"#, ["pin"]),
    (
      #"{"Token":"a","auth_token":"b","Cookie":"c","privateKey":"d","token_count":5}"#,
      #"{"Token":"[redacted]","auth_token":"[redacted]","Cookie":"[redacted]","#
        + #""privateKey":"[redacted]","token_count":5}"#,
      ["Cookie", "Token", "auth_token", "privateKey"]
    ),
    (#"{"a":1,"a":{"p\u0069n":"x"}}"#, #"{"a":1,"a":{"p\u0069n":"[redacted]"}}"#, ["a.pin"]),
  ])
  func `are taken out by the names of their members, and all else stays`(
    params: String, masked: String, places: [String]
  ) {
    let result = mask.mask(Self.text(params))
    #expect(result.params.text == masked)
    #expect(result.redacted == places)
  }

  @Test func `come back where they have a value`() {
    #expect(
      mask.fill(Self.text(#"{"pin":"[redacted]","n":1.0}"#), redacted: ["pin"])?.text
        == #"{"pin":"12\"34","n":1.0}"#)
    #expect(mask.fill(Self.text(#"{"password":"[redacted]"}"#), redacted: []) == nil)
    #expect(mask.fill(Self.text(#"{"password":"new"}"#), redacted: ["password"]) != nil)
    #expect(
      mask.fill(Self.text(#"{"note":"[redacted]"}"#), redacted: []) != nil,
      "only where a secret was")
    #expect(
      SecretMask([]).fill(Self.text(#"{"a":["[redacted]"]}"#), redacted: ["a[0]"]) == nil,
      "though its name is configured no longer")
  }

  @Test func `do not stand in messages, as written or as meant`() {
    let params = Self.text(#"{"password":"a\"b-long","pin":1234,"secret":{"x":"a"}}"#)
    #expect(
      mask.clean(#"no a"b-long, no "a\"b-long", 1234?"#, of: params) == #"no …, no "…", …?"#)
  }

  @Test func `are hidden as a whole where they lie too deep to look`() {
    let depth = SecretMask.depthLimit + 10
    let json =
      String(repeating: #"{"a":"#, count: depth) + #"{"password":"hunter2"}"#
      + String(repeating: "}", count: depth)
    let masked = mask.mask(Self.text(json))
    #expect(!masked.params.text.contains("hunter2"))
    #expect(masked.redacted.count == 1)
    #expect(mask.fill(masked.params, redacted: masked.redacted) == nil)
  }

  @Test(arguments: UInt64(1)...100)
  func `leave no byte in what is kept, wherever they are`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var secrets: [String] = []
    var writer = JSONWriter()
    Self.write(&writer, depth: 0, &secrets, &random)
    let params = writer.json
    let (masked, redacted) = mask.mask(params)
    let message = "server says: " + secrets.joined(separator: ", ") + " and " + params.text
    let clean = mask.clean(message, of: params)
    for secret in secrets {
      #expect(!masked.text.contains(secret) && !clean.contains(secret), "\(params.text)")
    }
    #expect(redacted.isEmpty == (masked == params))
    #expect(mask.mask(masked).params == masked, "there is nothing left to hide")
  }

  private static func write(
    _ writer: inout JSONWriter, depth: Int, _ secrets: inout [String],
    _ random: inout SplitMix64
  ) {
    let names = ["a", "Password", "API_KEY", "list", "secret", "x-api-key", "note"]
    writer.object { writer in
      for _ in 0..<Int.random(in: 0...3, using: &random) {
        let name = names[Int.random(in: 0..<names.count, using: &random)]
        writer.key(name)
        let isSecret = name != "a" && name != "list" && name != "note"
        if isSecret {
          let secret = "s3cret-\(random.next())"
          secrets.append(secret)
          if Bool.random(using: &random) {
            writer.value(secret)
          } else {
            writer.array { $0.object { $0.member("in", secret) } }
          }
        } else if depth < 5 {
          writer.array { write(&$0, depth: depth + 1, &secrets, &random) }
        } else {
          writer.value(random.next())
        }
      }
    }
  }
}

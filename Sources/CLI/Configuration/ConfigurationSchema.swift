import FleetModel

/// The JSON Schema of our own files for editors, made of the tables that the readers use.
enum ConfigurationSchema {
  /// The whole document, as `docs/mcpdash.schema.json` holds it.
  static var text: String { document.text() + "\n" }

  static var document: SchemaNode {
    [
      "$schema": "https://json-schema.org/draft/2020-12/schema",
      "title": "mcpdash.json5",
      "description": "The configuration of mcpdash; every key may be left out.",
      "type": "object",
      "properties": .members(root),
      "additionalProperties": false,
      "$defs": [
        "duration": [
          "description": "A time such as 100ms, 30s, 5m, 1h30m or 7d, or a number of seconds.",
          "anyOf": [
            ["type": "string", "pattern": #"^([0-9.]+|([0-9.]+(ms|s|m|h|d))+)$"#],
            ["type": "number", "minimum": 0],
          ],
        ],
        "names": [
          "anyOf": [
            ["type": "string", "minLength": 1],
            ["type": "array", "items": ["type": "string", "minLength": 1], "minItems": 1],
          ]
        ],
        "strings": ["type": "object", "additionalProperties": ["type": "string"]],
        "servers": ["type": "object", "additionalProperties": reference("server")],
        "auth": closed(auth),
        "server": closed(endpoint + entry),
        "endpoint": closed(endpoint + choice),
        "policies": closed(
          PolicyField.groups.map { ($0, closed(PolicyField.fields(of: $0).map(field))) }
            + [("fallbacks", reference("fallbacks"))]),
        "rule": closed(rule + PolicyField.schedule.map(field)),
        "fallbacks": [
          "type": "array", "maxItems": .whole(FallbackReader.limit), "items": closed(fallback),
        ],
        "probes": ["type": "array", "items": closed(probe).with(["required": ["tool"]])],
        "group": closed([
          ("servers", reference("names").with(["description": "names or patterns"])),
          ("policies", reference("policies")),
        ]).with(["required": ["servers"]]),
      ],
    ]
  }

  // MARK: - Objects

  private static var root: [(String, SchemaNode)] {
    [
      ("$schema", text("where an editor finds this schema")),
      ("servers", reference("servers")),
      ("mcpServers", reference("servers")),
      (
        "inputs",
        [
          "description": "what ${input:id} asks for",
          "type": "array", "items": ["type": "object", "required": ["id"]],
        ]
      ),
      ("include", reference("names").with(["description": "more files"])),
      (
        "defaults", reference("policies").with(["description": "policies of all servers"])
      ),
      ("policies", table(reference("policies"), "policies by server; * is every one")),
      ("groups", table(reference("group"), "policies of several servers")),
      ("probes", table(reference("probes"), "tools called on a schedule, by server")),
      ("discover", flag("whether files of other programs are looked for")),
      ("theme", text("a built-in theme or a file")),
      ("mouse", flag("whether the mouse chooses and scrolls")),
      ("refresh", reference("duration").with(["description": "time between two pictures"])),
      ("locality", text("where this mcpdash is, to choose among endpoints")),
      ("deadLetters", deadLetters),
      (
        "toolhive",
        closed(DiscoveryField.all.map { ($0.key, discovery($0)) })
          .with(["description": "servers that ToolHive runs belong to the fleet"])
      ),
    ]
  }

  /// Numbers may be written as text, for that may hold a variable.
  private static func discovery(_ field: DiscoveryField) -> SchemaNode {
    [
      "description": .text("\(field.help): \(field.form)"),
      "type": ["string", "number"],
    ]
  }

  private static var endpoint: [(String, SchemaNode)] {
    [
      ("type", ["enum": .words(EndpointReader.transports)]),
      ("transport", ["enum": .words(EndpointReader.transports)]),
      ("command", text("the program to start")),
      ("args", ["type": "array", "items": ["type": "string"]]),
      ("env", reference("strings").with(["description": "variables of the program"])),
      ("envFile", text("a file of NAME=VALUE lines")),
      ("cwd", text("where the program starts")),
      ("url", text("http://…, https://… or unix:///path/of.sock#/path")),
      ("headers", reference("strings").with(["description": "header fields of each request"])),
      (
        "ports",
        [
          "description": "where the server may turn up again",
          "type": "string", "pattern": "^[0-9]+(-[0-9]+)?$",
        ]
      ),
      ("clientId", text("with bridge: the name of its client")),
      ("mcpUrl", text("with bridge: the server it connects to")),
      ("oauthProvider", text("with bridge: who authorises it")),
      (
        "auth",
        [
          "description": "how requests are authorised",
          "anyOf": [["type": "string", "minLength": 1], reference("auth")],
        ]
      ),
      ("oauth", closed(oauthClient)),
      ("headersHelper", text("a shell command that prints a JSON object of headers")),
    ]
  }

  /// The members of `auth` as an object; which go together says the reader.
  private static var auth: [(String, SchemaNode)] {
    [
      ("type", ["enum": .words(AuthorizationReader.kinds)]),
      ("token", text("for bearer: the token, such as ${NAME}")),
      ("command", text("the program that prints the token")),
      ("args", ["type": "array", "items": ["type": "string"]]),
      ("env", reference("strings").with(["description": "variables of the program"])),
      ("headers", flag("whether the program prints an object of headers instead")),
      ("timeout", reference("duration").with(["description": "how long the program has"])),
      ("privateKey", text("a PEM key that signs for the client")),
      ("privateKeyFile", text("the file of that key")),
      ("algorithm", ["enum": .words(AuthorizationReader.algorithms)]),
    ] + oauthClient
  }

  private static var oauthClient: [(String, SchemaNode)] {
    [
      ("clientId", text("what the authorization server knows this client by")),
      ("clientSecret", text("its secret, such as ${NAME}")),
      ("callbackPort", whole(1...65_535, "the loopback port that a login listens on")),
      ("authServerMetadataUrl", text("where the authorization server's metadata are")),
      ("clientMetadataUrl", text("an https address that serves this client's metadata")),
      (
        "scopes",
        [
          "description": "what to ask for, in the place of what the server says",
          "anyOf": [["type": "string"], ["type": "array", "items": ["type": "string"]]],
        ]
      ),
    ]
  }

  private static var entry: [(String, SchemaNode)] {
    [
      (
        "endpoints",
        [
          "description": "several ways to reach it",
          "type": "array", "minItems": 1, "maxItems": .whole(EndpointListReader.limit),
          "items": reference("endpoint"),
        ]
      ),
      ("policies", reference("policies")),
      ("fallbacks", reference("fallbacks")),
      ("probes", reference("probes")),
      ("disabled", flag("whether it is left out")),
      ("timeout", whole(1...86_400_000, "of one try, in milliseconds")),
      (
        "identity",
        closed([
          ("name", text("what the server calls itself")),
          ("tools", ["type": "string", "pattern": "^[0-9a-fA-F]{64}$"]),
        ]).with(["required": ["name", "tools"]])
      ),
    ] + ServerEntry.foreignKeys.sorted().map { ($0, true) }
  }

  private static var choice: [(String, SchemaNode)] {
    [
      ("name", text("what you call it")),
      ("priority", whole(EndpointListReader.priorityRange, "lower is preferred")),
      ("locality", text("where it is")),
    ]
  }

  private static var rule: [(String, SchemaNode)] {
    let causes: SchemaNode = ["type": ["string", "integer"]]
    let some: SchemaNode = ["anyOf": [causes, ["type": "array", "items": causes]]]
    return [
      ("on", some.with(["description": "HTTP statuses or words for failures"])),
      ("code", some.with(["description": "JSON-RPC error codes"])),
      ("tool", text("name or pattern of the tools")),
      ("then", ["enum": .words(RetryRuleReader.Then.allCases.map(\.rawValue))]),
    ]
  }

  private static var fallback: [(String, SchemaNode)] {
    [
      ("tool", text("name or pattern of the tools it stands in for")),
      ("answer", ["type": "object"]),
      ("text", text("a result of one text")),
      ("server", text("another server")),
      ("as", text("the other server's tool")),
      ("cache", ["const": true]),
    ]
  }

  private static var probe: [(String, SchemaNode)] {
    [
      ("tool", text("the tool to call")),
      ("arguments", ["type": "object"]),
      ("every", reference("duration")),
    ]
  }

  /// One policy, by the table.
  private static func field(_ field: PolicyField) -> (String, SchemaNode) {
    let summary: KeyValuePairs<String, SchemaNode> = [
      "description": .text("\(field.summary) (\(field.text(in: Policies())))")
    ]
    let node: SchemaNode
    switch field.target {
    case .count(_, let range): node = whole(range, nil)
    case .ratio(_, let range):
      node = [
        "type": "number", "minimum": .number(range.lowerBound),
        "maximum": .number(range.upperBound),
      ]
    case .time: node = reference("duration")
    case .flag: node = ["type": "boolean"]
    case .choice(let words, _, _): node = ["enum": .words(words)]
    case .nested(.rules):
      node = [
        "type": "array", "maxItems": .whole(RetryRuleReader.ruleLimit),
        "items": reference("rule"),
      ]
    case .nested(.tools):
      node = [
        "type": "object",
        "additionalProperties": [
          "enum": .words(RetryPolicy.DeliveryRule.allCases.map(\.rawValue))
        ],
      ]
    }
    return (field.name, node.with(summary))
  }

  // MARK: - Pieces

  static func reference(_ name: String) -> SchemaNode {
    ["$ref": .text("#/$defs/\(name)")]
  }

  static func closed(_ members: [(String, SchemaNode)]) -> SchemaNode {
    ["type": "object", "properties": .members(members), "additionalProperties": false]
  }

  private static func table(_ values: SchemaNode, _ summary: String) -> SchemaNode {
    ["description": .text(summary), "type": "object", "additionalProperties": values]
  }

  static func text(_ summary: String) -> SchemaNode {
    ["description": .text(summary), "type": "string"]
  }

  static func flag(_ summary: String) -> SchemaNode {
    ["description": .text(summary), "type": "boolean"]
  }

  static func whole(_ range: ClosedRange<Int>, _ summary: String?) -> SchemaNode {
    let node: SchemaNode = [
      "type": "integer", "minimum": .whole(range.lowerBound), "maximum": .whole(range.upperBound),
    ]
    return summary.map { node.with(["description": .text($0)]) } ?? node
  }
}

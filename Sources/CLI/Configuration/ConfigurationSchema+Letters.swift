import FleetModel

extension ConfigurationSchema {
  /// `deadLetters`.
  static var deadLetters: SchemaNode {
    closed([
      ("path", text("the SQLite file of calls that could not be delivered")),
      (
        "redis",
        closed([
          ("address", text(RedisAddressText.form)),
          ("user", text("of an access-control list")),
          ("password", text("such as ${REDIS_PASSWORD}")),
          ("database", number(RedisAddressText.databaseRange, "which of its databases")),
          ("tls", flag("whether the connection is encrypted")),
        ]).with(["description": "keep them in this Redis instead"])
      ),
      ("ttl", reference("duration").with(["description": "how long they are kept"])),
      ("limit", number(DeadLetterSettings.entryLimitRange, "how many are kept")),
      (
        "secrets",
        [
          "description": "members of params that are not kept, beside the usual ones",
          "type": "array", "maxItems": .whole(DeadLetterSettings.secretLimit), "items": secret,
        ]
      ),
      (
        "processor",
        closed([
          ("enabled", flag("whether letters are sent again without a person")),
          ("every", reference("duration").with(["description": "time between two runs"])),
          (
            "rules",
            [
              "description": "which letters; one that fits is enough",
              "type": "array", "maxItems": .whole(DeadLetterSettings.ruleLimit), "items": rule,
            ]
          ),
        ])
      ),
    ])
  }

  private static var secret: SchemaNode {
    [
      "anyOf": [
        ["type": "string", "minLength": 1],
        closed([
          ("name", text("of the member, in any case")),
          ("value", text("what a replay puts in its place, such as ${NAME}")),
        ]).with(["required": ["name"]]),
      ]
    ]
  }

  private static var rule: SchemaNode {
    let delivery: SchemaNode = ["enum": .words(Delivery.allCases.map(\.rawValue))]
    return closed([
      ("server", text("letters of this server")),
      ("tool", text("letters of this tool")),
      ("kind", text("letters with this cause")),
      (
        "delivery",
        [
          "description": "letters of this certainty",
          "anyOf": [delivery, ["type": "array", "items": delivery, "minItems": 1]],
        ]
      ),
      ("olderThan", reference("duration").with(["description": "since the last attempt"])),
      (
        "maxReplays",
        number(DeadLetterSettings.replayLimitRange, "replays a letter may have had already")
      ),
    ])
  }

  /// Numbers may be written as text, for that may hold a variable.
  private static func number(_ range: ClosedRange<Int>, _ summary: String) -> SchemaNode {
    ["description": .text(summary), "anyOf": [whole(range, nil), ["type": "string"]]]
  }
}

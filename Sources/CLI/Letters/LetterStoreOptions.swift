import FleetModel

/// Where dead letters are kept, as far as flags and environment say it.
struct LetterStoreOptions: Hashable, Sendable {
  /// `--dlq-file`.
  var file: String?
  /// `--redis`, else `REDIS_ADDR`.
  var redis: RedisAddressText?
  var isRedisOfFlag = false
  /// `--redis-db`, else `REDIS_DB`.
  var database: Int?
  var isDatabaseOfFlag = false
  /// `--redis-password-file`.
  var passwordFile: String?
  /// `REDIS_PASSWORD`.
  var password: Secret?

  /// A flag names the store: whoever gives one means that store, whatever engine runs here.
  var isNamed: Bool { file != nil || isRedisOfFlag }
}

/// Where dead letters are kept, and who says so.
struct LetterStoreChoice: Hashable, Sendable {
  var place: DeadLetterPlace
  /// `--redis`, `REDIS_ADDR`, a file's path with a key, or `the default`.
  var origin: String

  static let standardOrigin = "the default"

  /// A flag before the environment, that before the files, and those before the standard place.
  ///
  /// What a file says of its own Redis (password, user, database) is never sent to another one;
  /// flags and environment say it of whichever Redis it is.
  /// - Parameters:
  ///   - standard: the file where nobody says.
  ///   - read: the password of a file.
  static func resolve(
    _ options: LetterStoreOptions, _ settings: DeadLetterSettings,
    standard: () throws(CommandFailure) -> String,
    read: (String) throws(CommandFailure) -> Secret
  ) throws(CommandFailure) -> LetterStoreChoice {
    if let file = options.file {
      return LetterStoreChoice(place: .file(file), origin: "--dlq-file")
    }
    let (text, origin) = redis(options, settings)
    guard let text, let origin else {
      if options.isDatabaseOfFlag || options.passwordFile != nil {
        let flag = options.isDatabaseOfFlag ? "--redis-db" : "--redis-password-file"
        throw CommandFailure(
          "\(flag) is about a Redis, and there is none; name it with --redis or REDIS_ADDR",
          .usage)
      }
      if case .file(let path)? = settings.place {
        return LetterStoreChoice(place: .file(path), origin: settings.origin)
      }
      return LetterStoreChoice(place: .file(try standard()), origin: standardOrigin)
    }
    var address = RedisAddress(
      text.host, user: text.user, password: text.password,
      database: database(options, text) ?? 0, usesTLS: text.usesTLS)
    if let file = options.passwordFile {
      address.password = try read(file)
    } else if let password = options.password,
      !(options.isRedisOfFlag && text.password != nil)
    {
      address.password = password
    }
    return LetterStoreChoice(place: .redis(address), origin: origin)
  }

  /// The nearest that names a Redis, unless a nearer one names a file.
  private static func redis(
    _ options: LetterStoreOptions, _ settings: DeadLetterSettings
  ) -> (RedisAddressText?, origin: String?) {
    if let redis = options.redis {
      return (redis, options.isRedisOfFlag ? "--redis" : "REDIS_ADDR")
    }
    if case .redis(let redis)? = settings.place { return (redis, settings.origin) }
    return (nil, nil)
  }

  /// nil where nobody says.
  private static func database(
    _ options: LetterStoreOptions, _ text: RedisAddressText
  ) -> Int? {
    if options.isRedisOfFlag, !options.isDatabaseOfFlag, let own = text.database { return own }
    return options.database ?? text.database
  }
}

extension DeadLetterPlace {
  /// For people; without credentials.
  var words: String {
    switch self {
    case .file(let path): path
    case .redis(let address): address.description
    }
  }
}

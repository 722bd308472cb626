/// Every command, in the order of the help.
enum CommandName: String, CaseIterable, Sendable {
  case dashboard = ""
  case demo
  case snapshot
  case servers
  case tools
  case call
  case breakerList = "breaker list"
  case breakerOpen = "breaker open"
  case breakerClose = "breaker close"
  case breakerDisable = "breaker disable"
  case breakerReset = "breaker reset"
  case reconnect
  case trust
  case login
  case logout
  case authorizationStatus = "auth status"
  case cacheList = "cache list"
  case cacheClear = "cache clear"
  case statistics = "stats"
  case deadLetterList = "dlq list"
  case deadLetterShow = "dlq show"
  case deadLetterReplay = "dlq replay"
  case deadLetterStop = "dlq stop"
  case deadLetterDiscard = "dlq discard"
  case deadLetterDelete = "dlq delete"
  case deadLetterPurge = "dlq purge"
  case deadLetterStatistics = "dlq stats"
  case deadLetterExport = "dlq export"
  case deadLetterImport = "dlq import"
  case toolHiveList = "toolhive list"
  case toolHiveShow = "toolhive show"
  case toolHiveRegistry = "toolhive registry"
  case toolHiveInstall = "toolhive install"
  case toolHiveStart = "toolhive start"
  case toolHiveStop = "toolhive stop"
  case toolHiveRestart = "toolhive restart"
  case toolHiveLogs = "toolhive logs"
  case check
  case checkConfiguration = "check-config"
  case schema
  case simulate
  case manual = "man"
  case completions
  case version
  case help

  /// The words as they are typed: one, two, or none for the dashboard.
  var words: [String] { rawValue.split(separator: " ").map(String.init) }

  /// First words, each once, in order.
  static let firstWords = allCases.compactMap(\.words.first).reduce(into: [String]()) {
    if $0.last != $1 { $0.append($1) }
  }

  /// The second words that may follow a first one; empty where it stands alone.
  static func secondWords(after first: String) -> [String] {
    allCases.filter { $0.words.first == first }.compactMap { $0.words.dropFirst().first }
  }

  /// What it takes besides flags, as the usage line shows it.
  var operands: [Operand] {
    switch self {
    case .tools: [.optional("SERVER"), .optional("TOOL")]
    case .call: [.one("SERVER"), .one("TOOL"), .optional("JSON")]
    case .breakerOpen, .breakerClose, .breakerDisable, .breakerReset: [.more("SERVER")]
    case .reconnect, .trust, .login, .logout: [.one("SERVER")]
    case .cacheList, .statistics: [.optional("SERVER")]
    case .cacheClear: [.optional("SERVER"), .optional("KEY")]
    case .deadLetterShow, .deadLetterDelete: [.one("ID"), .more("ID")]
    case .deadLetterReplay, .deadLetterDiscard: [.more("ID")]
    case .deadLetterStop: [.optional("NUMBER")]
    case .deadLetterImport: [.one("FILE")]
    case .toolHiveShow, .toolHiveInstall, .toolHiveStart, .toolHiveStop, .toolHiveRestart,
      .toolHiveLogs:
      [.one("NAME")]
    case .toolHiveRegistry: [.optional("NAME")]
    case .completions: [.one("SHELL")]
    case .help: [.more("COMMAND")]
    case .dashboard, .demo, .snapshot, .servers, .breakerList, .deadLetterList,
      .deadLetterPurge, .deadLetterStatistics, .deadLetterExport, .toolHiveList, .check,
      .checkConfiguration, .schema, .simulate, .manual, .version,
      .authorizationStatus:
      []
    }
  }

  enum Operand: Hashable, Sendable {
    case one(String)
    case optional(String)
    /// Any number, none included.
    case more(String)

    var text: String {
      switch self {
      case .one(let name): name
      case .optional(let name): "[\(name)]"
      case .more(let name): "[\(name)...]"
      }
    }
  }

  var summary: String {
    switch self {
    case .dashboard: "watch and steer the fleet in the terminal"
    case .demo: "watch a demonstration fleet with its failures; needs no configuration"
    case .snapshot: "print the fleet's state and end"
    case .servers: "list the servers with their state, address and source"
    case .tools: "list the tools of a server, or of all; or explain one"
    case .call: "call a tool through retries, breaker and pool"
    case .breakerList: "show every server's breaker"
    case .breakerOpen: "hold breakers open: nothing passes"
    case .breakerClose: "hold breakers closed: everything passes, failures are counted"
    case .breakerDisable: "switch breakers off: everything passes and nothing is counted"
    case .breakerReset: "end such a hold, close the breaker and forget its history"
    case .reconnect: "drop a server's connections and connect again"
    case .trust: "accept whoever answers in a server's place as that server"
    case .login: "log in to a server in a browser, and keep its tokens"
    case .logout: "forget a server's tokens, and revoke them where that is possible"
    case .authorizationStatus: "show how each server is authorised, and what was logged in"
    case .cacheList: "show what the cache holds and how often it was of use"
    case .cacheClear: "forget cached answers"
    case .statistics: "show what retries did for each operation, and what they cost"
    case .deadLetterList: "list calls that could not be delivered"
    case .deadLetterShow: "show dead letters with their attempts"
    case .deadLetterReplay: "send dead letters again"
    case .deadLetterStop: "stop a replay that runs"
    case .deadLetterDiscard: "mark dead letters as decided against; they stay to be seen"
    case .deadLetterDelete: "delete dead letters for good, by their ids"
    case .deadLetterPurge: "delete for good all dead letters that match"
    case .deadLetterStatistics: "show how many dead letters there are, and of what"
    case .deadLetterExport: "print dead letters as JSON lines, for another store"
    case .deadLetterImport: "add dead letters of an export"
    case .toolHiveList: "list what ToolHive runs"
    case .toolHiveShow: "show all of one workload of ToolHive"
    case .toolHiveRegistry: "list the servers that ToolHive can install"
    case .toolHiveInstall: "let ToolHive install and run a server of its registry"
    case .toolHiveStart: "let ToolHive start a workload"
    case .toolHiveStop: "let ToolHive stop a workload"
    case .toolHiveRestart: "let ToolHive restart a workload"
    case .toolHiveLogs: "print the last lines that a workload of ToolHive wrote"
    case .check: "say where servers were looked for, connect to each, and explain what is wrong"
    case .checkConfiguration: "read the configuration and say what is wrong with it"
    case .schema: "print a JSON Schema of mcpdash.json5, for editors"
    case .simulate: "run the engine in a pretend world and judge it; for developers"
    case .manual: "print the manual page"
    case .completions: "print a completion script for a shell"
    case .version: "print the version"
    case .help: "explain a command"
    }
  }

  /// What help and manual say beyond the summary.
  var details: String? {
    switch self {
    case .dashboard:
      "Starts an engine that runs every call, probe and replay, and shows it. Press ? for the keys."
    case .demo:
      "The same seed shows the same course of events. Without a terminal it prints the fleet after"
        + " ten seconds; --picture runs without one, for 45 seconds."
    case .simulate:
      "A fleet with its own policies and a storm of faults, all drawn from the seed, on a pretend"
        + " clock. Prints the plan and every promise that the engine broke, with its time; status 1"
        + " if there is one."
    case .snapshot:
      "Asks a running mcpdash; without one, connects to the servers itself and waits for them."
    case .call:
      "JSON is the object of the tool's arguments, {} if left out; - reads it from standard input."
        + " Prints the result; standard error says how far it is, and when the answer is the"
        + " cache's or a fallback's. Ctrl-C cancels it, and the server is told. Ends with 0 for a"
        + " success, 2 for a tool error, 3 for a protocol error, 4 for no answer that counts. Asks"
        + " a running mcpdash; without one, connects to the server itself."
    case .breakerOpen, .breakerClose, .breakerDisable:
      "Name servers, or --all. When the time is over, or after 'breaker reset', the rules go on by"
        + " themselves. Needs a running mcpdash."
    case .breakerReset: "Name servers, or --all. Needs a running mcpdash."
    case .reconnect:
      "Calls on their way keep their connections to the end. Needs a running mcpdash."
    case .trust:
      "A server that vanished and turned up elsewhere is known by its name and its tools; one that"
        + " differs is held off as an impostor until this is said, and 'mcpdash servers' shows"
        + " both. Needs a running mcpdash."
    case .servers:
      "Asks a running mcpdash; without one, lists what is configured and connects to nobody."
    case .tools:
      "One line a tool: what the server says of it, which nobody has proved. With TOOL: all of it"
        + " and its arguments. Asks a running mcpdash; without one, connects to the servers itself."
    case .check:
      "Asks a running mcpdash; without one, connects to the servers itself, and lets go of them at"
        + " the end. Ends with 0 if all is well, 65 if the configuration is wrong, and 69 if a"
        + " server is not well. Calls no tool."
    case .checkConfiguration:
      "Ends with 65 if the configuration is wrong."
    case .login:
      "Prints an address to open, opens nothing itself, and listens on 127.0.0.1 for the browser to"
        + " come back. Where the browser runs on another machine, paste the address it ends at. A"
        + " running mcpdash takes the tokens by itself."
    case .logout:
      "A running mcpdash notices within a second."
    case .authorizationStatus: "Shows no token."
    case .cacheList:
      "Of all servers if none is named, each with its most read answers. The text cuts long keys;"
        + " --json shows them whole. Needs a running mcpdash."
    case .cacheClear:
      "All answers, those of a server, or the one whose KEY 'cache list --json' shows. Needs a"
        + " running mcpdash."
    case .statistics:
      "RATIO is tries per call, SAVED the calls that a retry brought to a good end, WAITED the time"
        + " that calls spent in queues and delays. Needs a running mcpdash."
    case .deadLetterList:
      "Newest first, those that are open if no --state is given. If there are more, the last"
        + " line says with which --after they follow."
    case .deadLetterShow:
      "In whatever state they are. Secrets are not in them: they were taken out before they were"
        + " kept."
    case .deadLetterReplay:
      "Name letters by id, by flags that must all hold, or --all. Those that may have run are left"
        + " out without --force. Ctrl-C stops it: what is on the wire is waited for, the rest stays"
        + " as it was. Asks a running mcpdash; without one, or for a store that a flag names,"
        + " connects to the servers itself."
    case .deadLetterStop:
      "Name it by its number, which the dashboard shows, or --all. What is on the wire is waited"
        + " for. Needs a running mcpdash."
    case .deadLetterDiscard:
      "Name letters by id, by flags that must all hold, or --all. They are kept until they expire,"
        + " and nobody sends them again."
    case .deadLetterDelete: "In whatever state they are. 'dlq purge' deletes by what letters are."
    case .deadLetterPurge:
      "Give flags that must all hold, or --all. Says how many there are and asks; without a"
        + " terminal it needs --yes. What comes after the question stays."
    case .deadLetterStatistics: "The counts are of open letters, but for those by state."
    case .deadLetterExport:
      "One object a line, those that are open if no --state is given. Entries that cannot be read"
        + " are left out and told, and the status is then 1."
    case .deadLetterImport:
      "FILE holds an object a line; - is standard input. A letter that is there already is left"
        + " as it is. Lines that are no letters are told with their numbers and passed over, and"
        + " the status is then 65."
    case .toolHiveList:
      "Those that do not run, too, with --all. With --runtime kubernetes it lists the cluster's"
        + " mcpservers. ToolHive is found as for the fleet: the configured port first, then the"
        + " range."
    case .toolHiveShow: "Environment, arguments and secrets are not shown."
    case .toolHiveRegistry: "NAME is a registry of ToolHive, default if left out."
    case .toolHiveInstall:
      "NAME is one that 'toolhive registry' shows. Returns when ToolHive has begun; 'toolhive list"
        + " --all' shows how far it is."
    case .toolHiveStart, .toolHiveStop, .toolHiveRestart:
      "Returns when ToolHive has taken the order; 'toolhive list --all' shows how far it is."
    case .toolHiveLogs: "ToolHive keeps about a hundred."
    case .completions:
      "SHELL is bash, zsh or fish. For bash: mcpdash completions bash >"
        + " ~/.local/share/bash-completion/completions/mcpdash"
    case .breakerList, .schema, .manual, .version, .help:
      nil
    }
  }

  /// `mcpdash call [FLAGS] SERVER TOOL [JSON]`
  var usage: String {
    (["mcpdash"] + words + ["[FLAGS]"] + operands.map(\.text)).joined(separator: " ")
  }
}

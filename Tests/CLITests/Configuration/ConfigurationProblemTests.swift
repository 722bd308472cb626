import FleetModel
import Testing

@testable import CLI

/// The words for what is wrong; each case is a whole file.
struct ConfigurationProblemTests {
  @Test(arguments: [
    (
      "{servers: {a: {}}}",
      "m.json5:1:15: servers.a: has neither command nor url; write command for a program, url for HTTP"
    ),
    (
      "{servers: {a: 5}}",
      "m.json5:1:15: servers.a: must be an object with command or url, not a number"
    ),
    (
      "{servers: []}",
      "m.json5:1:11: servers: must be an object of servers by name, not an array"
    ),
    ("[]", "m.json5:1:1: must be an object such as {\"mcpServers\": {}}, not an array"),
    (
      "{servers: {a: {command: 'x', url: 'http://y/'}}}",
      "m.json5:1:35: servers.a.url: has both command and url; remove one, or say which with type"
    ),
    (
      "{servers: {a: {type: 'http'}}}",
      "m.json5:1:15: servers.a: has no url; write the server's address"
    ),
    (
      "{servers: {a: {type: 'stdio', url: 'http://a/'}}}",
      "m.json5:1:15: servers.a: has no command; name the program to start"
    ),
    (
      "{servers: {a: {type: 'htp', url: 'http://a/'}}}",
      "m.json5:1:22: servers.a.type: 'htp' is no transport; write stdio, http, streamable-http, sse or bridge; did you mean 'http'?"
    ),
    (
      "{servers: {a: {url: 'ftp://u:p@x/y?token=1'}}}",
      "m.json5:1:21: servers.a.url: 'ftp://…@x/y' is no HTTP address; write http://…, https://… or unix:///…"
    ),
    (
      "{servers: {a: {url: 'http:///mcp'}}}",
      "m.json5:1:21: servers.a.url: 'http:///mcp' names no host"
    ),
    (
      "{servers: {a: {url: 'http://x/ y'}}}",
      "m.json5:1:21: servers.a.url: 'http://x/ y' has a space or a control character in it; remove or encode it"
    ),
    (
      "{servers: {a: {command: ''}}}",
      "m.json5:1:25: servers.a.command: is empty; name the program to start"
    ),
    (
      "{servers: {a: {command: 'a', args: 'x'}}}",
      "m.json5:1:36: servers.a.args: must be an array of strings, not a string"
    ),
    (
      "{servers: {a: {command: 'a', args: ['x', 5]}}}",
      "m.json5:1:42: servers.a.args[1]: must be a string, not a number; put it in quotes"
    ),
    (
      "{servers: {a: {command: 'a', env: {PORT: 8080}}}}",
      "m.json5:1:42: servers.a.env.PORT: must be a string, not a number; put it in quotes"
    ),
    (
      "{servers: {a: {command: 'a', env: {'A=B': ''}}}}",
      "m.json5:1:43: servers.a.env.A=B: 'A=B' is no name of a variable"
    ),
    (
      "{servers: {a: {command: 'a', env: {T: '${NO_SUCH}'}}}}",
      "m.json5:1:39: servers.a.env.T: the variable NO_SUCH is not set; set it, or write ${NO_SUCH:-default}"
    ),
    (
      "{servers: {a: {command: 'a', env: {T: '${input:key}'}}}}",
      "m.json5:1:39: servers.a.env.T: ${input:key} asks a person, which mcpdash does not; set the variable MCPDASH_INPUT_KEY"
    ),
    (
      "{servers: {a: {url: 'http://a/', headers: {'X Y': 'secret'}}}}",
      "m.json5:1:51: servers.a.headers.X Y: 'X Y' is no name of a header"
    ),
    (
      "{servers: {a: {url: 'http://a/', headers: {X: 'secret\\n'}}}}",
      "m.json5:1:47: servers.a.headers.X: has a control character in its value, such as a line end; remove it"
    ),
    (
      "{servers: {a: {command: 'a', policies: {retry: {retries: 500}}}}}",
      "m.json5:1:58: servers.a.policies.retry.retries: 500 is not a whole number from 0 to 499"
    ),
    (
      "{servers: {a: {command: 'a', policies: {retry: {retries: 1.5}}}}}",
      "m.json5:1:58: servers.a.policies.retry.retries: 1.5 is not a whole number from 0 to 499"
    ),
    (
      "{servers: {a: {command: 'a', policies: {retry: {jitter: 'x'}}}}}",
      "m.json5:1:57: servers.a.policies.retry.jitter: 'x' is not a number from 0 to 1"
    ),
    (
      "{servers: {a: {command: 'a', policies: {retry: {maxDelay: '5 parsecs'}}}}}",
      "m.json5:1:59: servers.a.policies.retry.maxDelay: '5 parsecs' is not a duration from 0s to 1d"
    ),
    (
      "{servers: {a: {command: 'a', policies: {retry: {delivery: 'often'}}}}}",
      "m.json5:1:59: servers.a.policies.retry.delivery: 'often' is not one of whenSafe, atLeastOnce, atMostOnce"
    ),
    (
      "{servers: {a: {command: 'a', policies: {cache: {enabled: 1}}}}}",
      "m.json5:1:58: servers.a.policies.cache.enabled: 1 is not true or false"
    ),
    (
      "{servers: {a: {command: 'a', policies: {retry: 3}}}}",
      "m.json5:1:48: servers.a.policies.retry: must be an object, not a number"
    ),
    (
      "{servers: {a: {command: 'a', policies: 3}}}",
      "m.json5:1:40: servers.a.policies: policies must be an object such as {retry: {retries: 5}}, not a number"
    ),
    (
      "{servers: {a: {command: 'a', probes: {}}}}",
      "m.json5:1:38: servers.a.probes: probes must be an array such as [{tool: \"ping\", every: \"30s\"}], not an object"
    ),
    (
      "{servers: {a: {command: 'a', probes: [{every: '5s'}]}}}",
      "m.json5:1:39: servers.a.probes[0]: a probe needs the name of a tool"
    ),
    (
      "{servers: {a: {command: 'a', probes: [{tool: 't', arguments: []}]}}}",
      "m.json5:1:62: servers.a.probes[0].arguments: must be an object, not an array"
    ),
    (
      "{servers: {a: {command: 'a', probes: [{tool: 't', every: '99ms'}]}}}",
      "m.json5:1:58: servers.a.probes[0].every: '99ms' is not a duration from 100ms to 1d"
    ),
    (
      "{servers: {a: {command: 'a', policies: {retyr: {}}}}}",
      "m.json5:1:48: servers.a.policies.retyr: unknown policy 'retyr'; did you mean 'retry'?"
    ),
    (
      "{servers: {a: {command: 'a', policies: {speed: {}}}}}",
      "m.json5:1:48: servers.a.policies.speed: unknown policy 'speed'; write retry, breaker, pool, cache, health, load, failover, session, fallbacks"
    ),
    (
      "{servers: {a: {command: 'a', policies: {retry: {retires: 1}}}}}",
      "m.json5:1:58: servers.a.policies.retry.retires: unknown key 'retires'; did you mean 'retries'?"
    ),
    (
      "{servers: {a: {command: 'a', policies: {health: {every: 1}}}}}",
      "m.json5:1:57: servers.a.policies.health.every: unknown key 'every'; write interval, timeout"
    ),
    (
      "{servers: {a: {command: 'a', polices: {}}}}",
      "m.json5:1:39: servers.a.polices: unknown key 'polices'; did you mean 'policies'?"
    ),
    (
      "{servers: {a: {command: 'a', policies: {retry: {profile: 'pateint'}}}}}",
      "m.json5:1:58: servers.a.policies.retry.profile: 'pateint' is not one of standard, patient, toolhive, none; did you mean 'patient'?"
    ),
    (
      "{servers: {a: {command: 'a', policies: {retry: {jitterForm: 'fll'}}}}}",
      "m.json5:1:61: servers.a.policies.retry.jitterForm: 'fll' is not one of none, proportional, full, equal, decorrelated; did you mean 'full'?"
    ),
    (
      "{servers: {a: {command: 'a', policies: {cache: {eviction: 'lr'}}}}}",
      "m.json5:1:59: servers.a.policies.cache.eviction: 'lr' is not one of lru, lfu, fifo, ttl; did you mean 'lru'?"
    ),
    (
      "{servers: {a: {command: 'a', policies: {retry: {attempts: 0}}}}}",
      "m.json5:1:59: servers.a.policies.retry.attempts: 0 is not a whole number from 1 to 500"
    ),
    (
      "{servers: {a: {command: 'a', policies: {retry: {retries: 4, attempts: 5}}}}}",
      "m.json5:1:71: servers.a.policies.retry.attempts: says the same as retries in another way; remove one"
    ),
    (
      "{servers: {a: {command: 'a', policies: {retry: {tryTimeout: -1}}}}}",
      "m.json5:1:61: servers.a.policies.retry.tryTimeout: -1 is not a duration from 1ms to 1d"
    ),
    (
      "{servers: {a: {command: 'a', policies: {load: {rate: -0.5}}}}}",
      "m.json5:1:54: servers.a.policies.load.rate: -0.5 is not a number from 0 to 1000000"
    ),
    (
      "{servers: {a: {command: 'a', policies: {retry: {initialDelay: '1m'}}}}}",
      "m.json5:1:63: servers.a.policies.retry.initialDelay: '1m' is not a duration from 0s to 30s, which is maxDelay here"
    ),
    (
      "{servers: {a: {command: 'a', policies: {retry: {profile: 'patient', maxDelay: '0.5s'}}}}}",
      "m.json5:1:79: servers.a.policies.retry.maxDelay: '0.5s' is not a duration of at least 1s, which is initialDelay here"
    ),
    (
      "{servers: {a: {command: 'a', policies: {breaker: {openFor: '2m', maxOpenFor: '1m'}}}}}",
      "m.json5:1:60: servers.a.policies.breaker.openFor: '2m' is not a duration from 0s to 1m, which is maxOpenFor here"
    ),
    (
      "{servers: {a: {command: 'a', policies: {pool: {reconnectDelay: '2m', maxReconnectDelay: '1m'}}}}}",
      "m.json5:1:64: servers.a.policies.pool.reconnectDelay: '2m' is not a duration from 0s to 1m, which is maxReconnectDelay here"
    ),
    (
      "{servers: {'': {command: 'a'}}}",
      "m.json5:1:16: servers.: a server's name must be text without control characters"
    ),
  ])
  func `an error names place, path, value and cure, and leaves the server out`(
    text: String, error: String
  ) {
    let configuration = ConfigurationBench.load(text)
    #expect(configuration.errorTexts == [error])
    #expect(configuration.servers.isEmpty)
    #expect(!configuration.isUsable)
  }

  @Test(arguments: [
    (
      "{servers: {a: {command: 'a', comand: 'b'}}}",
      "m.json5:1:38: servers.a.comand: unknown key 'comand'; did you mean 'command'?"
    ),
    (
      "{servers: {a: {command: 'a', zzzzzz: 'b'}}}",
      "m.json5:1:38: servers.a.zzzzzz: unknown key 'zzzzzz'"
    ),
    (
      "{servers: {github: {command: 'a'}}, policies: {gihtub: {}}}",
      "m.json5:1:56: policies.gihtub: there is no server 'gihtub'; did you mean 'github'?"
    ),
    (
      "{servers: {a: {command: 'a'}}, probes: {b: []}}",
      "m.json5:1:44: probes.b: there is no server 'b'; did you mean 'a'?"
    ),
    (
      "{servers: {a: {url: 'http://a/', policies: {pool: {idle: 20}}}}}",
      "m.json5:1:15: servers.a: pool.idle (20) is more than pool.open (10), which then limits both"
    ),
    (
      "{servers: {a: {command: 'a'}}, deadLetters: {tll: '1d'}}",
      "m.json5:1:51: deadLetters.tll: unknown key 'tll'; did you mean 'ttl'?"
    ),
    (
      "{servers: {a: {command: 'a', command: 'b'}}}",
      "m.json5:1:30: servers.a.command: is written twice, first in line 1, which counts; remove one"
    ),
  ])
  func `a warning names place and path and leaves everything running`(
    text: String, warning: String
  ) {
    let configuration = ConfigurationBench.load(text)
    #expect(configuration.warningTexts == [warning])
    #expect(configuration.errors.isEmpty)
    #expect(
      configuration.servers.count == (text.contains("command") || text.contains("url") ? 1 : 0))
  }

  @Test(arguments: [
    (
      "{defaults: {retry: {retries: -1}}, servers: {a: {command: 'a'}}}",
      "m.json5:1:30: defaults.retry.retries: -1 is not a whole number from 0 to 499"
    ),
    (
      "{policies: {'*': {retry: {factor: 0}}}, servers: {a: {command: 'a'}}}",
      "m.json5:1:35: policies.*.retry.factor: 0 is not a number from 1 to 100"
    ),
    (
      "{servers: {a: {command: 'a'}}, policies: {'*': {retry: {initialDelay: '2m', maxDelay: '1m'}}}}",
      "m.json5:1:71: policies.*.retry.initialDelay: '2m' is not a duration from 0s to 1m, which is maxDelay here"
    ),
    (
      "{servers: {a: {command: 'a'}}, defaults: {breaker: {failres: 1}}}",
      "m.json5:1:62: defaults.breaker.failres: unknown key 'failres'; did you mean 'failures'?"
    ),
    (
      "{servers: {a: {command: 'a'}}, defaults: {fallbacks: [{tool: '*', server: 'b'}]}}",
      "m.json5:1:75: defaults.fallbacks[0].server: there is no server 'b' to fall back to; did you mean 'a'?"
    ),
    (
      "{locality: '', servers: {a: {command: 'a'}}}",
      "m.json5:1:12: locality: must be a string that is not empty"
    ),
    (
      "{theme: 5, servers: {a: {command: 'a'}}}",
      "m.json5:1:9: theme: must be a string that is not empty"
    ),
    (
      "{mouse: 'yes', servers: {a: {command: 'a'}}}",
      "m.json5:1:9: mouse: 'yes' is not true or false"
    ),
    (
      "{refresh: '1h', servers: {a: {command: 'a'}}}",
      "m.json5:1:11: refresh: '1h' is not a duration from 100ms to 1m"
    ),
    (
      "{deadLetters: {ttl: 1}, servers: {a: {command: 'a'}}}",
      "m.json5:1:21: deadLetters.ttl: 1 is not a duration from 1m to 366d"
    ),
    (
      "{include: [5], servers: {a: {command: 'a'}}}",
      "m.json5:1:11: include: must be an array of file names"
    ),
    (
      "{include: 'none.json', servers: {a: {command: 'a'}}}",
      "m.json5:1:11: include: cannot read 'none.json': No such file or directory"
    ),
    (
      "{servers: {a: {command: 'a'},\n a: {command: 'b'}}}",
      "m.json5:2:2: servers.a: is written twice, first in line 1, which counts; remove one"
    ),
    (
      "{servers: {a: {command: 'a'}, b: {command: 5}}}",
      "m.json5:1:44: servers.b.command: must be a string, not a number; put it in quotes"
    ),
  ])
  func `an error elsewhere does not stop a server from being read`(
    text: String, error: String
  ) {
    let configuration = ConfigurationBench.load(text)
    #expect(configuration.errorTexts == [error])
    #expect(configuration.names == ["a"])
    #expect(configuration.servers.first?.policies.retry == RetryPolicy())
  }

  @Test(arguments: ["{servers: {}}", "{}", "{servers: {a: {command: 'a', disabled: true}}}"])
  func `without a server there is nothing to run`(text: String) {
    let configuration = ConfigurationBench.load(text)
    #expect(!configuration.isUsable)
    #expect(
      configuration.errorTexts == [
        "m.json5: has no servers; write some under mcpServers, by name"
      ])
  }

  @Test(arguments: [
    ("{servers: {a: {command: 'a'}, b: {}}}", true),
    ("{servers: {a: {command: 'a'}, b: {command: 'b', policies: 5}}}", true),
    ("{servers: {a: {command: 'a'}}, defaults: {retry: {retries: 'x'}}}", true),
    ("{servers: {a: {command: 'a'}}, policies: {'*': {retry: {retries: 'x'}}}}", true),
    ("{servers: {a: {command: 'a'}}, defaults: 5}", true),
    ("{servers: {a: {command: 'a'}}, theme: 5, mouse: 5, refresh: 0, locality: 5}", true),
    ("{servers: {a: {command: 'a'}}, deadLetters: {path: 5}}", false),
    ("{servers: {a: {command: 'a'}}, include: 'none.json'}", false),
    ("{servers: {b: {}}}", false),
  ])
  func `an error about one server or one setting is borne, one about all is not`(
    text: String, isUsable: Bool
  ) {
    #expect(ConfigurationBench.load(text).isUsable == isUsable)
  }

  @Test func `a text that is no JSON5 names its place`() {
    #expect(
      ConfigurationBench.load("{\n  servers: {\n}").errorTexts == [
        "m.json5:3:2: the file ends before the '}' of line 1"
      ])
  }

  @Test func `a file that is not there names itself`() {
    let configuration = ConfigurationBench().load(["gone.json"])
    #expect(
      configuration.errorTexts == [
        "gone.json: cannot read 'gone.json': No such file or directory"
      ])
    #expect(configuration.files.isEmpty)
  }

  @Test func `other programs' keys at the top are no news unless they look like a slip`() {
    let bench = ConfigurationBench(files: [
      "c.json": #"{"numStartups": 5, "mcpServer": {}, "mcpServers": {"a": {"command": "a"}}}"#
    ])
    #expect(
      bench.load(["c.json"]).warningTexts == [
        "c.json:1:33: mcpServer: unknown key 'mcpServer'; did you mean 'mcpServers'?"
      ])
  }

  @Test func `no message repeats the value of a header, a variable or an argument`() {
    let secret = "hunter2"
    let broken = [
      "{servers: {a: {command: 'a', env: {T: '\(secret)${NO}'}}}}",
      "{servers: {a: {command: 'a', env: {T: ['\(secret)']}}}}",
      "{servers: {a: {command: 'a', env: {T: \(secret)}}}}",
      "{servers: {a: {command: 'a', env: '\(secret)'}}}",
      "{servers: {a: {command: 'a', args: ['\(secret)\\0']}}}",
      "{servers: {a: {url: 'http://a/', headers: {T: '\(secret)\\r'}}}}",
      "{servers: {a: {url: 'http://a/', headers: {T: 12\(secret)}}}}",
      "{servers: {a: {url: 'htt://u:\(secret)@a/?k=\(secret)#\(secret)'}}}",
    ]
    for text in broken {
      let configuration = ConfigurationBench.load(text)
      #expect(!configuration.errors.isEmpty)
      #expect(!configuration.errorTexts.joined().contains(secret))
    }
  }
}

/// How many connections a server gets and how long each lives.
package struct PoolPolicy: Hashable, Sendable {
  package var idleLimit = 5
  package var openLimit = 10
  /// Calls one connection carries at once: 1 over HTTP, more over one child process's pipes.
  package var streamsPerConnection = 1
  /// Each connection's own is shorter by a random tenth, so that they do not expire together.
  package var lifetime = Duration.seconds(1800)
  package var idleTimeout = Duration.seconds(300)
  /// An idle connection is asked so often whether it still works.
  package var checkInterval = Duration.seconds(30)
  package var acquireTimeout = Duration.seconds(5)
  package var waiterLimit = 1000
  /// Connections being opened at once, while one is open already; before that it is one.
  package var connectLimit = 2
  package var connectTimeout = Duration.seconds(15)
  package var reconnectDelay = Duration.seconds(1)
  package var reconnectDelayCap = Duration.seconds(60)
  /// A connection must stay up this long before the reconnect delay starts over.
  package var sustainedUptime = Duration.seconds(10)
  /// A child process that ended so often in a row without that uptime is in a crash loop.
  package var crashLoopLimit = 3
  /// A call that holds a connection longer is announced as a leak.
  package var leakThreshold = Duration.seconds(60)

  package init() {}

  /// One child process that carries ten calls at once: two processes of one stateful server would
  /// disagree.
  package static var stdio: PoolPolicy {
    var policy = PoolPolicy()
    policy.idleLimit = 1
    policy.openLimit = 1
    policy.streamsPerConnection = 10
    return policy
  }
}

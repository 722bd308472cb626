package import FleetModel

/// The breakers of a snapshot as JSON: `{"breakers": […]}`.
package enum BreakerJSON {
  package static func render(_ snapshot: Snapshot) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.member(
        "breakers",
        array: { list in
          for server in snapshot.servers {
            list.object {
              $0.member("server", server.id.name)
              write(server.breaker, to: &$0)
            }
          }
        })
    }
    return writer.json
  }

  static func write(_ breaker: BreakerSnapshot, to json: inout JSONWriter) {
    json.member("state", breaker.state.rawValue)
    json.member("reason", breaker.reason)
    json.member("until", breaker.until?.rfc3339)
    json.member("consecutiveFailures", breaker.consecutiveFailures)
    json.member("failureRate", breaker.failureRate)
  }
}

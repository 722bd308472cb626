import Foundation
import Testing

extension EndToEnd {
  /// The program in a pretend pod.
  @Suite struct Kubernetes {
    private struct Pod {
      let place: Workplace
      let state: StandInState
      let port: Int
      var api: String
      private let credentials: String

      init(token: String = "one", isTLS: Bool = false) throws {
        place = try Workplace()
        state = StandInState("kubernetes.json", in: place)
        port = try Workplace.freePort()
        api = "\(isTLS ? "https" : "http")://127.0.0.1:\(port)"
        credentials = place.path("sa")
        try FileManager.default.createDirectory(
          atPath: credentials, withIntermediateDirectories: true)
        try place.write("sa/token", token)
        try place.write("sa/namespace", "tools")
      }

      var flags: [String] {
        [
          "--runtime", "kubernetes", "--kubernetes-api", api, "--kubernetes-credentials",
          credentials, "--toolhive-poll", "0.5", "--no-discovery",
        ]
      }

      func program(_ more: [String] = []) throws -> Program {
        try Program(place, configuration: "{}", flags: flags + more)
      }

      func start(_ more: [String] = []) async throws -> StandIn {
        try await StandIn("kubernetes.py", on: port, [state.path] + more, in: place)
      }
    }

    private static func resource(
      _ name: String, _ url: String, namespace: String = "tools", phase: String = "Ready"
    ) -> String {
      """
      {"metadata": {"name": "\(name)", "namespace": "\(namespace)"},
       "spec": {"image": "i", "transport": "streamable-http"},
       "status": {"phase": "\(phase)", "url": "\(url)"}}
      """
    }

    private static func state(_ items: [String], _ more: String = "") -> String {
      """
      {"version": "v1beta1", "token": "one", "pageSize": 1\(more),
       "items": [\(items.joined(separator: ", "))]}
      """
    }

    @Test func `resources of the namespace are servers, over all pages, as they come and go`()
      async throws
    {
      let pod = try Pod()
      let (one, two) = (
        try await FaultyServer(in: pod.place), try await FaultyServer(in: pod.place)
      )
      let other = Self.resource("other", one.url, namespace: "else")
      try pod.state.write(
        Self.state(
          [Self.resource("one", one.url), other, Self.resource("two", two.url)], ", \"gone\": 1"))
      let api = try await pod.start()
      let program = try pod.program()
      let screen = try await Screen(pod.place, command: program.commandLine)
      try await program.picture(where: "both are connected") {
        $0.servers.map(\.id) == ["one", "two"] && $0.servers.allSatisfy(\.isConnected)
      }
      #expect(try await program.call("two", "whoami").kind == "success")
      #expect(api.requests.contains { $0.contains("continue=1") && $0.hasSuffix(" one") })

      // The token rotates and one server stops.
      try pod.place.write("sa/token", "two")
      try pod.state.write(
        Self.state([
          Self.resource("one", one.url, phase: "Stopped"), Self.resource("two", two.url),
        ]).replacing("\"token\": \"one\"", with: "\"token\": \"two\""))
      let picture = try await program.picture(where: "one went") { $0.servers.map(\.id) == ["two"] }
      #expect(picture["two"]?.calls.success == 1)
      try await screen.shows("two")
    }

    @Test func `a cluster with the older version and all namespaces is read as well`() async throws
    {
      let pod = try Pod()
      try pod.state.write(
        Self.state([Self.resource("a", "http://127.0.0.1:1/mcp", phase: "Running")])
          .replacing("v1beta1", with: "v1alpha1"))
      _ = try await pod.start()
      let list = try await pod.program(["--kubernetes-namespace", "all"])
        .run(["toolhive", "list", "--json"])
      #expect(list.output.contains(#""name":"a","namespace":"tools","status":"running""#))
      let refused = try await pod.program().run(["toolhive", "stop", "a"])
      #expect(refused.status == 64)
      #expect(refused.errors.contains("kubectl"))
    }

    @Test(arguments: [(401, "token is not accepted"), (403, "may not list mcpservers")])
    func `who is not let in learns why`(status: Int, words: String) async throws {
      let pod = try Pod()
      try pod.state.write(
        "{\"version\": \"v1beta1\", \"items\": [], \"status\": \(status), \"message\": \"no\"}")
      let api = try await pod.start()
      let result = try await pod.program().run(["toolhive", "list"])
      #expect(result.status == 1)
      #expect(result.errors.contains(words), "\(result.errors)")
      #expect(api.requests.count == 1)
      #expect(!result.errors.contains("one"))
    }

    @Test func `without the API the same tries are made, nothing is searched, and it ends with 1`()
      async throws
    {
      let pod = try Pod()
      let result = try await pod.program([
        "--toolhive-max-retries", "2", "--toolhive-initial-backoff", "0.1",
      ]).run(["snapshot", "--every", "500ms"])
      #expect(result.status == 1)
      let failure = "Kubernetes API connection failed attempt="
      #expect(
        result.errors == """
          WARNING  \(failure)1 max_retries=2 error="Connection refused" backoff_seconds=0.1
          WARNING  \(failure)2 max_retries=2 error="Connection refused" backoff_seconds=0.0
          ERROR    All retry attempts exhausted. Kubernetes API is unavailable. total_attempts=2
          CRITICAL Kubernetes API connection failure - exiting max_retries=2 last_error="Connection refused"
          mcpdash: the Kubernetes API is unavailable: Connection refused

          """)
    }

    @Test func `the cluster is believed by its own certificate authority alone`() async throws {
      let pod = try Pod(isTLS: true)
      try pod.state.write(Self.state([Self.resource("a", "http://127.0.0.1:1/mcp")]))
      let (certificate, key) = (pod.place.path("sa/ca.crt"), pod.place.path("key.pem"))
      let made = try pod.place.start(
        "openssl", "/usr/bin/openssl",
        [
          "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
          "-days", "2", "-subj", "/CN=cluster", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
          key, "-out", certificate,
        ])
      try await eventually("the certificate is made") { made.status == 0 }
      let other = pod.place.path("other.crt")
      try FileManager.default.copyItem(atPath: certificate, toPath: other)
      _ = try await pod.start([other, key])
      let trusted = try await pod.program().run(["toolhive", "list", "--json"])
      #expect(trusted.output.contains(#""name":"a""#), "\(trusted.errors)")
      try FileManager.default.removeItem(atPath: certificate)
      let strange = try await pod.program(["--toolhive-max-retries", "1"])
        .run(["toolhive", "list"])
      #expect(strange.status == 1)
      #expect(strange.errors.lowercased().contains("certificate"), "\(strange.errors)")
    }
  }
}

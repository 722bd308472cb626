import FleetModel

/// One setting of ToolHive or Kubernetes: its flag, its variable, its key in a file, and what it
/// may be.
struct DiscoveryField: Sendable {
  /// Without the dashes.
  var flag: String
  var environment: String
  /// In the object `toolhive` of a file.
  var key: String
  var value: Flag.Value
  var help: String
  var standard: String?
  /// What it must be, after `is not`.
  var form: String
  /// Sets it; false when the text is not of the form.
  var set: @Sendable (_ text: String, _ options: inout DiscoveryOptions) -> Bool
  /// Naming this in flags or environment means that ToolHive is wanted.
  var isCall = false

  static let all: [DiscoveryField] = [
    DiscoveryField(
      flag: "runtime", environment: "TOOLHIVE_RUNTIME", key: "runtime",
      value: .choice("RUNTIME", ["docker", "kubernetes"]),
      help: "where ToolHive runs its servers; kubernetes asks the cluster itself",
      standard: "docker", form: "docker or kubernetes",
      set: { text, options in
        let name = text.lowercased() == "k8s" ? "kubernetes" : text.lowercased()
        options.runtime = DiscoveryOptions.Runtime(rawValue: name)
        return options.runtime != nil
      }),
    DiscoveryField(
      flag: "toolhive-host", environment: "TOOLHIVE_HOST", key: "host", value: .text("HOST"),
      help: "where ToolHive's API is", standard: "localhost", form: "the name or address of a host",
      set: { text, options in
        options.host = text
        return isHost(text)
      }, isCall: true),
    whole(
      "toolhive-port", "TOOLHIVE_PORT", "port", "PORT", "the port that is tried first", nil,
      1...65_535, \.port, isCall: true),
    whole(
      "toolhive-start-port-scan", "TOOLHIVE_START_PORT_SCAN", "startPortScan", "PORT",
      "first port of the range that is searched", "50000", 1...65_535, \.startPort),
    whole(
      "toolhive-end-port-scan", "TOOLHIVE_END_PORT_SCAN", "endPortScan", "PORT",
      "last port of the range that is searched", "50100", 1...65_535, \.endPort),
    time(
      "toolhive-timeout", "TOOLHIVE_TIMEOUT", "timeout", "wait so long for an answer", "10",
      "from 1.0 to 60.0 seconds", .seconds(1)...Duration.seconds(60), \.timeout),
    whole(
      "toolhive-max-retries", "TOOLHIVE_MAX_RETRIES", "maxRetries", "N",
      "give up after so many failures in a row", "100", 1...500, \.attempts),
    time(
      "toolhive-initial-backoff", "TOOLHIVE_INITIAL_BACKOFF", "initialBackoff",
      "wait after the first failure; doubles with each", "1.0", "from 0.1 to 10.0 seconds",
      .milliseconds(100)...Duration.seconds(10), \.initialBackoff),
    time(
      "toolhive-max-backoff", "TOOLHIVE_MAX_BACKOFF", "maxBackoff", "the longest such wait", "60.0",
      "from 1.0 to 300.0 seconds", .seconds(1)...Duration.seconds(300), \.maxBackoff),
    time(
      "toolhive-poll", "TOOLHIVE_POLL_INTERVAL", "pollInterval", "time between two looks", "10",
      "from 0.5 to 300.0 seconds", .milliseconds(500)...Duration.seconds(300), \.pollInterval),
    time(
      "toolhive-registry-poll", "TOOLHIVE_REGISTRY_POLL_INTERVAL", "registryPollInterval",
      "time between two looks at the registry", "300", "from 0.5 to 86400.0 seconds",
      .milliseconds(500)...Duration.seconds(86_400), \.registryInterval),
    DiscoveryField(
      flag: "kubernetes-api", environment: "K8S_API_SERVER_URL", key: "kubernetesApi",
      value: .text("URL"), help: "the Kubernetes API instead of the pod's own cluster",
      form: "a URL such as https://10.0.0.1:443 or http://127.0.0.1:8001",
      set: { text, options in
        options.kubernetesAPI = text
        return isURL(text)
      }),
    DiscoveryField(
      flag: "kubernetes-namespace", environment: "K8S_NAMESPACE", key: "kubernetesNamespace",
      value: .text("NAMESPACE"), help: "the namespace to look in, or all",
      standard: "the pod's own", form: "the name of a namespace, or all",
      set: { text, options in
        options.kubernetesNamespace = text
        return isNamespace(text)
      }),
    DiscoveryField(
      flag: "kubernetes-credentials", environment: "MCPDASH_KUBERNETES_CREDENTIALS",
      key: "kubernetesCredentials", value: .directory,
      help: "where token, ca.crt and namespace are",
      standard: "/var/run/secrets/kubernetes.io/serviceaccount", form: "a directory",
      set: { text, options in
        options.kubernetesCredentials = text
        return !text.isEmpty
      }),
  ]

  private static func whole(
    _ flag: String, _ environment: String, _ key: String, _ name: String, _ help: String,
    _ standard: String?, _ range: ClosedRange<Int>,
    _ path: any WritableKeyPath<DiscoveryOptions, Int?> & Sendable, isCall: Bool = false
  ) -> DiscoveryField {
    DiscoveryField(
      flag: flag, environment: environment, key: key,
      value: name == "N" ? .count : .text(name), help: help, standard: standard,
      form: "a whole number from \(range.lowerBound) to \(range.upperBound)",
      set: { text, options in
        guard let number = Int(text), range.contains(number) else { return false }
        options[keyPath: path] = number
        return true
      }, isCall: isCall)
  }

  private static func time(
    _ flag: String, _ environment: String, _ key: String, _ help: String, _ standard: String,
    _ rangeText: String, _ range: ClosedRange<Duration>,
    _ path: any WritableKeyPath<DiscoveryOptions, Duration?> & Sendable
  ) -> DiscoveryField {
    DiscoveryField(
      flag: flag, environment: environment, key: key, value: .seconds, help: help,
      standard: standard, form: "a time \(rangeText)",
      set: { text, options in
        guard let duration = DurationText.read(text), range.contains(duration) else { return false }
        options[keyPath: path] = duration
        return true
      })
  }

  // MARK: - Forms

  /// A name, an IPv4 address, or an IPv6 address with or without brackets.
  private static func isHost(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 255
      && text.unicodeScalars.allSatisfy {
        $0.isASCII
          && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
            || ".-_:[]".unicodeScalars.contains($0))
      }
  }

  private static func isURL(_ text: String) -> Bool {
    ["http://", "https://"].contains { text.hasPrefix($0) && text.count > $0.count }
      && text.unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value < 0x7F }
  }

  private static func isNamespace(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 63
      && text.utf8.allSatisfy {
        (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D
      }
  }
}

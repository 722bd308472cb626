import FleetModel

/// Where servers are discovered besides the files: nowhere, from ToolHive, or from Kubernetes.
enum DiscoverySettings: Hashable, Sendable {
  case toolHive(ToolHiveSettings)
  case kubernetes(KubernetesSettings)

  /// nil when nobody asked for it.
  static func resolve(
    _ options: DiscoveryOptions, environment: [String: String]
  ) throws(CommandFailure) -> DiscoverySettings? {
    switch options.runtime {
    case .kubernetes:
      return .kubernetes(try KubernetesSettings.resolve(options, environment: environment))
    case .docker, nil:
      guard options.isWanted else { return nil }
      return .toolHive(try ToolHiveSettings.resolve(options))
    }
  }
}

/// How one ToolHive is reached and watched.
struct ToolHiveSettings: Hashable, Sendable {
  static let standardRange = 50_000...50_100

  var host = "localhost"
  /// Tried first; nil is none.
  var port: Int?
  /// Searched when ToolHive is not where it was; at most `PortScan.portLimit` ports.
  var range = standardRange
  var timeout = Duration.seconds(10)
  var limits = DiscoveryRetry.Limits()
  var pollInterval = Duration.seconds(10)
  var registryInterval = Duration.seconds(300)

  static func resolve(
    _ options: DiscoveryOptions
  ) throws(CommandFailure) -> ToolHiveSettings {
    var settings = ToolHiveSettings()
    settings.host = options.host ?? settings.host
    settings.port = options.port
    let start = options.startPort ?? standardRange.lowerBound
    let end = options.endPort ?? standardRange.upperBound
    guard start <= end, end - start < PortScan.portLimit else {
      throw CommandFailure(
        "the ports to search for ToolHive are \(start) to \(end): the end must not be below the"
          + " start, nor more than \(PortScan.portLimit - 1) above it; see"
          + " TOOLHIVE_START_PORT_SCAN and TOOLHIVE_END_PORT_SCAN", .usage)
    }
    settings.range = start...end
    settings.timeout = options.timeout ?? settings.timeout
    settings.limits = options.limits
    settings.pollInterval = options.pollInterval ?? settings.pollInterval
    settings.registryInterval = options.registryInterval ?? settings.registryInterval
    return settings
  }

  /// `http://localhost:50000`
  func address(_ port: Int) -> String {
    let isBare = host.contains(":") && !host.hasPrefix("[")
    return "http://\(isBare ? "[\(host)]" : host):\(port)"
  }
}

/// How the Kubernetes API is reached and watched.
struct KubernetesSettings: Hashable, Sendable {
  static let standardCredentials = "/var/run/secrets/kubernetes.io/serviceaccount"

  /// Without a slash at its end.
  var api: String
  var namespace: Namespace
  /// The directory with `token`, `ca.crt` and `namespace`.
  var credentials = standardCredentials
  var timeout = Duration.seconds(10)
  var limits = DiscoveryRetry.Limits()
  var pollInterval = Duration.seconds(10)

  enum Namespace: Hashable, Sendable {
    case all
    case named(String)
    /// The one in the credentials' directory; all of them where there is none.
    case own
  }

  static func resolve(
    _ options: DiscoveryOptions, environment: [String: String]
  ) throws(CommandFailure) -> KubernetesSettings {
    let host = environment["KUBERNETES_SERVICE_HOST"] ?? ""
    var api = options.kubernetesAPI
    if api == nil, !host.isEmpty {
      let port = environment["KUBERNETES_SERVICE_PORT"].flatMap { $0.isEmpty ? nil : $0 } ?? "443"
      api = "https://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
    guard var api else {
      throw CommandFailure(
        "no Kubernetes API: this is no pod (KUBERNETES_SERVICE_HOST is not set); name one with"
          + " --kubernetes-api", .usage)
    }
    while api.hasSuffix("/") { api.removeLast() }
    var settings = KubernetesSettings(api: api, namespace: .own)
    switch options.kubernetesNamespace {
    case nil: break
    case "all": settings.namespace = .all
    case .some(let name): settings.namespace = .named(name)
    }
    settings.credentials = options.kubernetesCredentials ?? settings.credentials
    settings.timeout = options.timeout ?? settings.timeout
    settings.limits = options.limits
    settings.pollInterval = options.pollInterval ?? settings.pollInterval
    return settings
  }
}

extension DiscoveryOptions {
  fileprivate var limits: DiscoveryRetry.Limits {
    let standard = DiscoveryRetry.Limits()
    return DiscoveryRetry.Limits(
      attempts: attempts ?? standard.attempts,
      initialBackoff: initialBackoff ?? standard.initialBackoff,
      maxBackoff: maxBackoff ?? standard.maxBackoff)
  }
}

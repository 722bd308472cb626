import FleetModel

/// What one layer (flags and environment, or the files) says about ToolHive and Kubernetes; nil
/// where it says nothing.
struct DiscoveryOptions: Hashable, Sendable {
  enum Runtime: String, Hashable, Sendable, CaseIterable { case docker, kubernetes }

  /// ToolHive is asked for by name.
  var isWanted = false
  var runtime: Runtime?
  var host: String?
  var port: Int?
  var startPort: Int?
  var endPort: Int?
  var timeout: Duration?
  var attempts: Int?
  var initialBackoff: Duration?
  var maxBackoff: Duration?
  var pollInterval: Duration?
  var registryInterval: Duration?
  var kubernetesAPI: String?
  /// `all` for every namespace.
  var kubernetesNamespace: String?
  var kubernetesCredentials: String?

  /// Servers are looked for beyond the files.
  var isCalled: Bool { isWanted || runtime == .kubernetes }

  /// These before those of a layer farther away.
  func over(_ other: DiscoveryOptions) -> DiscoveryOptions {
    DiscoveryOptions(
      isWanted: isWanted || other.isWanted, runtime: runtime ?? other.runtime,
      host: host ?? other.host, port: port ?? other.port, startPort: startPort ?? other.startPort,
      endPort: endPort ?? other.endPort, timeout: timeout ?? other.timeout,
      attempts: attempts ?? other.attempts,
      initialBackoff: initialBackoff ?? other.initialBackoff,
      maxBackoff: maxBackoff ?? other.maxBackoff,
      pollInterval: pollInterval ?? other.pollInterval,
      registryInterval: registryInterval ?? other.registryInterval,
      kubernetesAPI: kubernetesAPI ?? other.kubernetesAPI,
      kubernetesNamespace: kubernetesNamespace ?? other.kubernetesNamespace,
      kubernetesCredentials: kubernetesCredentials ?? other.kubernetesCredentials)
  }
}

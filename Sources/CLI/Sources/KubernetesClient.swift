import Adapters
import FleetModel
import Wire

/// Lists the operator's custom resources from the Kubernetes API with the pod's service account.
struct KubernetesClient: Sendable {
  /// Resources of one page.
  static let pageSize = 250
  /// Lists begun anew because the cluster forgot where we were.
  static let restartLimit = 3

  let settings: KubernetesSettings
  let world: DiscoveryWorld
  let read: @Sendable (String) throws(FileError) -> [UInt8]
  var onFailure: @Sendable (_ text: String, _ attempt: Int) async -> Void = { _, _ in }

  /// nil is all of them.
  var namespace: String? {
    switch settings.namespace {
    case .all: nil
    case .named(let name): name
    case .own: credential("namespace")
    }
  }

  /// All pages of the list, in the cluster's order.
  func workloads() async throws(ToolHiveFault) -> [ToolHiveWorkload] {
    let attempts = DiscoveryAttempts(
      subject: "Kubernetes API", limits: settings.limits, world: world, search: { _ in nil },
      onFailure: onFailure)
    return try await attempts.run { () async throws(ToolHiveFault) -> [ToolHiveWorkload] in
      for version in KubernetesServerList.versions {
        if let workloads = try await list(version: version) { return workloads }
      }
      throw .refused(
        status: 404,
        "the cluster has no mcpservers.toolhive.stacklok.dev; is ToolHive's operator installed?")
    }
  }

  /// nil when the cluster does not know this version.
  private func list(version: String) async throws(ToolHiveFault) -> [ToolHiveWorkload]? {
    let namespace = namespace
    var workloads: [ToolHiveWorkload] = []
    var continuation: String?
    var restarts = 0
    while workloads.count <= ToolHiveDocument.entryLimit {
      let path = KubernetesServerList.path(
        version: version, namespace: namespace, limit: Self.pageSize, continuation: continuation)
      let answer = try await ask(path)
      switch answer.status {
      case 200:
        let page = try page(answer.body)
        workloads += page.workloads.map { workload in
          var workload = workload
          // In one namespace the name alone says which.
          if namespace != nil { workload.namespace = nil }
          return workload
        }
        guard let next = page.continuation else { return workloads }
        continuation = next
      case 404: return nil
      case 410 where restarts < Self.restartLimit:
        restarts += 1
        (workloads, continuation) = ([], nil)
      default: throw fault(answer, namespace)
      }
    }
    throw .refused(status: 200, "more than \(ToolHiveDocument.entryLimit) mcpservers")
  }

  private func page(_ body: [UInt8]) throws(ToolHiveFault) -> KubernetesServerList {
    do throws(ToolHiveDocument.Unreadable) { return try KubernetesServerList(body) } catch {
      throw .unreachable(
        "\(settings.api) does not answer as Kubernetes does: \(error.reason)", port: nil,
        isMaybeDelivered: true)
    }
  }

  private func ask(_ path: String) async throws(ToolHiveFault) -> RESTAnswer {
    var headers = [HeaderField(name: "Accept", value: "application/json")]
    // Read each time, for the cluster changes it about once an hour.
    if mayHaveToken, let token = credential("token") {
      headers.append(HeaderField(name: "Authorization", value: "Bearer \(token)"))
    }
    let request = CurlRequest(method: .get, url: settings.api + path, headers: headers)
    do throws(Failure) { return try await world.ask(request, settings.timeout) } catch {
      throw ToolHiveFault(error, port: nil, limit: settings.timeout)
    }
  }

  /// A refusal is named; what passes by itself is tried again.
  private func fault(_ answer: RESTAnswer, _ namespace: String?) -> ToolHiveFault {
    let words = KubernetesServerList.refusal(answer.body).map {
      ToolHiveFault.words(Array($0.utf8))
    }
    let text = words ?? ToolHiveFault.words(answer.body)
    switch answer.status {
    case 401:
      return .refused(
        status: 401,
        "the service account's token is not accepted (\(text)); its file is"
          + " \(settings.credentials)/token")
    case 403:
      let place = namespace.map { "namespace \($0)" } ?? "all namespaces"
      return .refused(
        status: 403,
        "the service account may not list mcpservers.toolhive.stacklok.dev in"
          + " \(place) (\(text)); give it a role with the verb list")
    case 429, 500...:
      return .unreachable("HTTP \(answer.status): \(text)", port: nil, isMaybeDelivered: false)
    default: return .refused(status: answer.status, text)
    }
  }

  /// The token goes over TLS, or stays on this machine.
  private var mayHaveToken: Bool {
    if settings.api.hasPrefix("https://") { return true }
    guard let host = CurlOrigin(url: settings.api)?.host else { return false }
    let isNumeric = host.allSatisfy { $0 == "." || ("0"..."9").contains($0) }
    return host == "localhost" || host == "[::1]" || isNumeric && host.hasPrefix("127.")
  }

  /// One line of a file of the service account; nil when it is not there or no plain text.
  private func credential(_ name: String) -> String? {
    guard let bytes = try? read("\(settings.credentials)/\(name)") else { return nil }
    let text = bytes.drop { $0 <= 0x20 }.prefix { $0 > 0x20 && $0 < 0x7F }
    return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
  }
}

import FleetModel
import Testing

@testable import CLI

struct DiscoveryOptionsTests {
  private func read(
    _ words: [String] = [], _ environment: [String: String] = [:]
  ) throws -> DiscoveryOptions {
    try InvocationReader.read(words, environment: environment).options.discovery
  }

  private func complaint(_ words: [String], _ environment: [String: String] = [:]) -> String? {
    do {
      _ = try InvocationReader.read(words, environment: environment)
      return nil
    } catch {
      return error.text
    }
  }

  private func failure(_ options: DiscoveryOptions) -> String? {
    do throws(CommandFailure) {
      _ = try DiscoverySettings.resolve(options, environment: [:])
      return nil
    } catch {
      return error.message
    }
  }

  private static let limits: [(variable: String, low: String, high: String, over: [String])] = [
    ("TOOLHIVE_PORT", "1", "65535", ["0", "65536", "x"]),
    ("TOOLHIVE_START_PORT_SCAN", "1", "65535", ["0", "65536", "1.5"]),
    ("TOOLHIVE_END_PORT_SCAN", "1", "65535", ["0", "65536"]),
    ("TOOLHIVE_TIMEOUT", "1", "60", ["0.9", "61"]),
    ("TOOLHIVE_MAX_RETRIES", "1", "500", ["0", "501", "-1", "many"]),
    ("TOOLHIVE_INITIAL_BACKOFF", "0.1", "10.0", ["0.05", "10.1", "-1"]),
    ("TOOLHIVE_MAX_BACKOFF", "1.0", "300.0", ["0.9", "301", "soon"]),
  ]

  @Test(arguments: limits.indices)
  func `a value out of range is an error that names the range and where it was set`(
    index: Int
  ) throws {
    let (variable, low, high, over) = Self.limits[index]
    let field = try #require(DiscoveryField.all.first { $0.environment == variable })
    for value in [low, high] {
      #expect(complaint([], [variable: value]) == nil)
      #expect(complaint(["--\(field.flag)", value]) == nil)
    }
    for value in over {
      let words = "'\(value)' is not \(field.form)"
      #expect(complaint([], [variable: value])?.contains("\(variable): \(words)") == true)
      #expect(
        complaint(["--\(field.flag)=\(value)"])?.contains("--\(field.flag): \(words)") == true)
      let file = ConfigurationBench.load("{ toolhive: { \(field.key): \"\(value)\" } }")
      #expect(
        file.errorTexts.contains {
          $0.contains("toolhive.\(field.key): ") && $0.contains(field.form)
        },
        "\(file.errorTexts)")
    }
    #expect(field.form.contains(low) && field.form.contains(high))
  }

  @Test func `flags win over variables, and those over the file`() throws {
    let file = ConfigurationBench.load(
      "{ toolhive: { maxRetries: 5, timeout: 7, host: \"${H:-file}\" } }")
    #expect(file.errorTexts.isEmpty)
    let line = try read(
      ["--toolhive-max-retries", "15"],
      ["TOOLHIVE_MAX_RETRIES": "20", "TOOLHIVE_TIMEOUT": "9s", "TOOLHIVE_MAX_BACKOFF": ""])
    let merged = line.over(file.settings.discovery)
    #expect(merged.attempts == 15)
    #expect(merged.timeout == .seconds(9))
    #expect(merged.host == "file")
    #expect(merged.maxBackoff == nil)
  }

  @Test func `ToolHive is a source when it is called by flag, variable or file`() throws {
    #expect(try !read().isCalled)
    #expect(try !read([], ["TOOLHIVE_MAX_RETRIES": "5"]).isCalled)
    #expect(try read(["--toolhive"]).isCalled)
    #expect(try read(["snapshot", "--toolhive-port=1"]).isCalled)
    #expect(try read([], ["TOOLHIVE_HOST": "h"]).isCalled)
    #expect(try read([], ["TOOLHIVE_PORT": "50000"]).isCalled)
    #expect(ConfigurationBench.load("{ toolhive: {} }").settings.discovery.isCalled)
    #expect(!ConfigurationBench.load("{}").settings.discovery.isCalled)
  }

  @Test(arguments: [
    ([:], ["--runtime", "kubernetes"], DiscoveryOptions.Runtime.kubernetes),
    (["TOOLHIVE_RUNTIME": "Kubernetes"], [], .kubernetes),
    (["RUNTIME_MODE": "K8S"], [], .kubernetes),
    (["RUNTIME_MODE": "k8s"], ["--runtime=docker"], .docker),
    (["RUNTIME_MODE": "production"], [], nil),
  ])
  func `the runtime is chosen by flag, by ToolHive's variable or by the optimizer's`(
    environment: [String: String], words: [String], runtime: DiscoveryOptions.Runtime?
  ) throws {
    #expect(try read(words, environment).runtime == runtime)
  }

  @Test func `the standard values are those of the seed`() throws {
    var options = DiscoveryOptions()
    options.isWanted = true
    guard
      case .toolHive(let settings) = try DiscoverySettings.resolve(options, environment: [:])
    else {
      Issue.record("not ToolHive")
      return
    }
    #expect(settings.host == "localhost" && settings.port == nil)
    #expect(settings.range == 50_000...50_100)
    #expect(settings.limits.attempts == 100)
    #expect(settings.limits.initialBackoff == .seconds(1))
    #expect(settings.limits.maxBackoff == .seconds(60))
  }

  @Test(arguments: [(50_101, 50_100), (1, 1025), (60_000, nil)] as [(Int, Int?)])
  func `a range that ends before it begins, or is too wide, is refused`(start: Int, end: Int?) {
    var options = DiscoveryOptions()
    (options.isWanted, options.startPort, options.endPort) = (true, start, end)
    #expect(failure(options)?.contains("TOOLHIVE_START_PORT_SCAN") == true)
    (options.startPort, options.endPort) = (1, 1024)
    #expect(failure(options) == nil)
  }

  @Test func `Kubernetes is found in a pod by its own variables, and elsewhere by flag`() throws {
    var options = DiscoveryOptions()
    options.runtime = .kubernetes
    #expect(failure(options)?.contains("--kubernetes-api") == true)
    let pod = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "6443"]
    guard
      case .kubernetes(let settings) = try DiscoverySettings.resolve(options, environment: pod)
    else {
      Issue.record("not Kubernetes")
      return
    }
    #expect(settings.api == "https://[fd00::1]:6443")
    #expect(settings.namespace == .own)
    options.kubernetesAPI = "http://127.0.0.1:8001/"
    options.kubernetesNamespace = "all"
    guard
      case .kubernetes(let settings) = try DiscoverySettings.resolve(options, environment: pod)
    else {
      Issue.record("not Kubernetes")
      return
    }
    #expect(settings.api == "http://127.0.0.1:8001")
    #expect(settings.namespace == .all)
  }

  @Test(arguments: ["a b", "a/b", "a@b", "h\u{1B}[2J", "ä"])
  func `a host that could be more than a host is refused`(host: String) {
    #expect(complaint(["--toolhive-host", host])?.contains("is not the name or address") == true)
  }

  @Test func `what is misspelt in the file is told`() {
    let file = ConfigurationBench.load("{ toolhive: { maxRetrys: 5 } }")
    #expect(file.warningTexts.contains { $0.contains("did you mean 'maxRetries'?") })
    #expect(ConfigurationBench.load("{ toolhive: true }").errorTexts.count >= 1)
  }
}

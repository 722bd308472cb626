import FleetModel

@testable import CLI

/// Files in memory, and what a load of them says.
struct ConfigurationBench {
  var files: [String: String] = [:]
  var environment: [String: String] = ["HOME": "/home/op"]

  func load(_ paths: [String]) -> Configuration {
    ConfigurationLoader.load(
      paths, environment: environment, directory: Self.directory, read: read)
  }

  /// What is found in the usual places.
  func find(discovers: Bool? = nil, isOpen: Bool = false) -> Configuration {
    ConfigurationLoader.find(
      discovers: discovers, environment: environment, directory: Self.directory, isOpen: isOpen,
      read: read)
  }

  /// Where the program runs.
  static let directory = "/home/op/shop/web"

  private var read: @Sendable (String) throws(FileError) -> [UInt8] {
    { [files] path throws(FileError) in
      guard let text = files[path] else {
        throw FileError(reason: "No such file or directory", isAbsent: true)
      }
      guard text != "unreadable" else { throw FileError(reason: "Permission denied") }
      return Array(text.utf8)
    }
  }

  static func load(_ text: String, environment: [String: String] = [:]) -> Configuration {
    ConfigurationBench(files: ["m.json5": text], environment: environment).load(["m.json5"])
  }
}

extension Configuration {
  var errorTexts: [String] { errors.map(\.description) }
  var warningTexts: [String] { warnings.map(\.description) }
  var names: [String] { servers.map(\.id.name) }
}

extension Endpoint {
  /// As a file gives a server without credentials: a login is possible.
  static func open(
    url: String, headers: [HeaderField] = [], style: HTTPEndpoint.Style = .streamable,
    portRange: ClosedRange<Int>? = nil
  ) -> Endpoint {
    .http(
      HTTPEndpoint(
        url: url, headers: headers, style: style, authorization: .oauth(OAuthClient()),
        portRange: portRange))
  }
}

import FleetModel
import Telemetry
import Wire

/// What `mcpdash toolhive …` prints; ToolHive's texts are cleaned on their way.
struct ToolHiveText {
  let isJSON: Bool
  let columns: Int
  let ink: Ink

  /// `{"workloads": […]}`, or a line for each.
  func list(_ workloads: [ToolHiveWorkload]) -> String {
    guard !isJSON else {
      return document { writer in
        writer.member(
          "workloads", array: { list in for one in workloads { write(one, to: &list) } })
      }
    }
    guard !workloads.isEmpty else { return "" }
    var table = ColumnTable([
      .init(title: "NAME"), .init(title: "STATUS"), .init(title: "SPEAKS"),
      .init(title: "URL", limit: 48, minimum: 10), .init(title: "GROUP"),
      .init(title: "PACKAGE", limit: 64, minimum: 20),
    ])
    for workload in workloads {
      table.add([
        .init(workload.fullName), .init(workload.status.rawValue, colour(of: workload.status)),
        .init(speaks(workload)), .init(workload.endpoint?.address), .init(workload.group),
        .init(workload.package, .faint),
      ])
    }
    return table.text(columns: columns, ink: ink)
  }

  /// One object, or a line for each thing that is known.
  func details(_ workload: ToolHiveWorkload) -> String {
    guard !isJSON else {
      var writer = JSONWriter()
      write(workload, to: &writer)
      return finished(writer)
    }
    let lines = [
      ("name", workload.fullName), ("status", workload.status.rawValue),
      ("because", workload.statusContext), ("speaks", speaks(workload) ?? ""),
      ("url", workload.endpoint?.address ?? ""), ("package", workload.package),
      ("group", workload.group), ("tools", workload.tools.joined(separator: ", ")),
      ("remote", workload.isRemote ? "yes" : ""), ("created", workload.createdAt),
    ].filter { !$0.1.isEmpty }
    return lines.map { title, text in
      title + String(repeating: " ", count: 9 - title.count) + PlainText.clean(text) + "\n"
    }.joined()
  }

  /// `{"servers": […]}`, or a line for each.
  func registry(_ servers: [RegistryServer]) -> String {
    guard !isJSON else {
      return document { writer in
        writer.member("servers", array: { list in for one in servers { write(one, to: &list) } })
      }
    }
    guard !servers.isEmpty else { return "" }
    var table = ColumnTable([
      .init(title: "NAME", limit: 48), .init(title: "TIER"), .init(title: "SPEAKS"),
      .init(title: "TOOLS", isRight: true), .init(title: "DESCRIPTION", limit: 120, minimum: 20),
    ])
    for server in servers {
      table.add([
        .init(server.name), .init(server.tier), .init(server.transport),
        .init(String(server.tools.count)), .init(server.summary),
      ])
    }
    return table.text(columns: columns, ink: ink)
  }

  /// What was ordered, and of whom.
  func receipt(_ text: String, of name: String) -> String {
    guard isJSON else { return PlainText.clean(text) + "\n" }
    return document { writer in
      writer.member("name", name)
      writer.member("text", text)
    }
  }

  /// The lines as they are, clean.
  func logs(_ bytes: [UInt8], of name: String) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    guard isJSON else {
      let lines = ToolText.lines(text)
      return lines.isEmpty || lines.hasSuffix("\n") ? lines : lines + "\n"
    }
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last == "" { lines.removeLast() }
    return document { writer in
      writer.member("name", name)
      writer.member(
        "lines", array: { list in for line in lines { list.value(String(line)) } })
    }
  }

  // MARK: - Parts

  private func speaks(_ workload: ToolHiveWorkload) -> String? {
    guard case .http(let endpoint) = workload.endpoint else { return nil }
    return endpoint.style == .sse ? "sse" : "streamable-http"
  }

  private func colour(of status: ToolHiveWorkload.Status) -> Ink.Colour? {
    switch status {
    case .running: .green
    case .starting, .stopping, .removing, .unknown, .authRetrying: .yellow
    case .error, .unhealthy, .unauthenticated, .policyStopped: .red
    case .stopped: .faint
    }
  }

  private func write(_ workload: ToolHiveWorkload, to writer: inout JSONWriter) {
    writer.object {
      $0.member("name", workload.name)
      if let namespace = workload.namespace { $0.member("namespace", namespace) }
      $0.member("status", workload.status.rawValue)
      $0.member("statusContext", optional(workload.statusContext))
      $0.member("served", workload.status.isServed && workload.endpoint != nil)
      $0.member("speaks", speaks(workload))
      $0.member("url", workload.endpoint?.address)
      $0.member("package", optional(workload.package))
      $0.member("group", optional(workload.group))
      $0.member("tools", array: { list in for tool in workload.tools { list.value(tool) } })
      $0.member("remote", workload.isRemote)
      $0.member("createdAt", optional(workload.createdAt))
    }
  }

  private func write(_ server: RegistryServer, to writer: inout JSONWriter) {
    writer.object {
      $0.member("name", server.name)
      $0.member("description", optional(server.summary))
      $0.member("tier", optional(server.tier))
      $0.member("transport", optional(server.transport))
      $0.member("remote", server.isRemote)
      $0.member("tools", array: { list in for tool in server.tools { list.value(tool) } })
      $0.key("variables")
      $0.array { list in
        for variable in server.variables {
          list.object {
            $0.member("name", variable.name)
            $0.member("required", variable.isRequired)
            $0.member("secret", variable.isSecret)
          }
        }
      }
    }
  }

  private func optional(_ text: String) -> String? { text.isEmpty ? nil : text }

  private func document(_ body: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    writer.object(body)
    return finished(writer)
  }

  private func finished(_ writer: JSONWriter) -> String {
    PlainText.escapingHidden(in: writer.json).text + "\n"
  }
}

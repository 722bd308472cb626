import FleetModel
import Telemetry

extension CheckReport {
  private static let indent = "  "

  /// For people; no line is wider, but for a word that is.
  func text(columns: Int, ink: Ink) -> String {
    var parts = [section("Sources", sourceLines(columns, ink), ink)]
    if engine == nil {
      parts.append(
        section(
          "Servers, not connected to",
          Self.lines(
            ServerListText.configured(configuration, columns: columns - 2, ink: ink)), ink))
    } else {
      let title =
        engine == .running ? "Servers, as the running mcpdash sees them" : "Servers"
      parts.append(section(title, serverLines(columns, ink), ink))
    }
    parts.append(section("Dead letters", letterLines(columns, ink), ink))
    parts.append(section("Problems", problemLines(columns, ink), ink))
    return parts.filter { !$0.isEmpty }.joined(separator: "\n") + "\n" + summary(ink) + "\n"
  }

  private func section(_ title: String, _ lines: [String], _ ink: Ink) -> String {
    guard !lines.isEmpty else { return "" }
    return ink.paint(title, .bold) + "\n" + lines.map { Self.indent + $0 + "\n" }.joined()
  }

  private static func lines(_ text: String) -> [String] {
    text.split(separator: "\n").map(String.init)
  }

  // MARK: - Sources

  private func sourceLines(_ columns: Int, _ ink: Ink) -> [String] {
    let files = sources.map { source in
      let (word, colour, reason) = source.state.look
      let program = source.program.words.map { " (\($0))" } ?? ""
      let names = source.servers.map(\.name).joined(separator: ", ")
      let found: String? =
        switch source.state {
        case .absent: nil
        case .unusable: reason
        case .read:
          (source.servers.isEmpty
            ? "no servers" : "\(ConfigurationText.count(source.servers.count, "server")): \(names)")
            + (source.disabled.isEmpty
              ? "" : ", switched off: \(source.disabled.joined(separator: ", "))")
        }
      return (word, colour, source.path + program + (found.map { ": \($0)" } ?? ""))
    }
    let others = otherSources.map { source in
      (
        source.isWell ? "well" : "ill", source.isWell ? Ink.Colour.green : .red,
        "\(source.name) (\(source.kind.words)): "
          + "\(ConfigurationText.count(source.serverCount, "server"))"
          + (source.text.isEmpty ? "" : ", \(source.text)")
      )
    }
    return (files + others).flatMap { word, colour, text in
      paragraph(word, colour, text, width: 9, columns, ink)
    }
  }

  /// A word, and beside it a text in as many lines as it needs.
  private func paragraph(
    _ word: String, _ colour: Ink.Colour?, _ text: String, width: Int, _ columns: Int, _ ink: Ink
  ) -> [String] {
    let blanks = String(repeating: " ", count: width)
    let lines = PlainText.clean(text).wrapped(columns: max(20, columns - width - 2))
    return lines.enumerated().map { index, line in
      let pad = String(repeating: " ", count: max(1, width - PlainText.width(word)))
      return (index == 0 ? ink.paint(word, colour) + pad : blanks) + line
    }
  }

  // MARK: - Servers

  private func serverLines(_ columns: Int, _ ink: Ink) -> [String] {
    var table = ColumnTable([
      .init(title: "SERVER", limit: 24), .init(title: "STATE"), .init(title: "TRANSPORT"),
      .init(title: "ERA"), .init(title: "PROTOCOL"), .init(title: "TOOLS", isRight: true),
      .init(title: "TRIP", isRight: true),
    ])
    for server in servers {
      table.add([
        .init(server.name), .init(server.state.rawValue, server.state.colour),
        .init(server.transport), .init(server.era), .init(server.protocolVersion),
        .init(server.toolCount.map(String.init)), .init(server.roundTrip.map(Self.words)),
      ])
    }
    for server in unknownServers {
      table.add([
        .init(server.id.name), .init("absent", .yellow),
        .init(ConfigurationText.transport(server.endpoint)), .init(nil), .init(nil), .init(nil),
        .init(nil),
      ])
    }
    guard !servers.isEmpty || !unknownServers.isEmpty else { return ["none"] }
    let rows = Self.lines(table.text(columns: columns - 2, ink: ink))
    let details =
      servers.map { detailLines(of: $0, columns, ink) }
      + unknownServers.map { server in
        detail("the running mcpdash does not have it; start it anew to read", .yellow, columns, ink)
          + detail("from \(server.source)", .faint, columns, ink)
      }
    return Array(rows.prefix(1)) + zip(rows.dropFirst(), details).flatMap { [$0] + $1 }
  }

  private func detailLines(of server: ServerPicture, _ columns: Int, _ ink: Ink) -> [String] {
    var lines: [String] = []
    if let impostor = server.impostor {
      for words in ServerListText.words(of: impostor) { lines += detail(words, .red, columns, ink) }
      lines += detail("'mcpdash trust \(server.name)' accepts it", nil, columns, ink)
    } else if let trouble = server.trouble {
      lines += detail(trouble, server.state.colour, columns, ink)
    }
    let place = [
      server.itself.map { "\($0)" }, server.address.map { "at \($0)" },
      server.source.map { "from \($0)" },
    ].compactMap(\.self).joined(separator: ", ")
    return lines + detail(place, .faint, columns, ink)
  }

  private func detail(
    _ text: String, _ colour: Ink.Colour?, _ columns: Int, _ ink: Ink
  ) -> [String] {
    PlainText.clean(text).wrapped(columns: max(20, columns - 6))
      .map { "    " + ink.paint($0, colour) }
  }

  /// `0.4 ms`, `12 ms`, `1.2 s`.
  private static func words(_ time: Duration) -> String {
    let seconds = time.seconds
    let (number, unit) = seconds < 1 ? (seconds * 1000, "ms") : (seconds, "s")
    let tenths = Int((number * 10).rounded())
    return number < 10
      ? "\(tenths / 10).\(tenths % 10) \(unit)" : "\(Int(number.rounded())) \(unit)"
  }

  // MARK: - Dead letters

  private func letterLines(_ columns: Int, _ ink: Ink) -> [String] {
    guard let letters else { return [] }
    let colour: Ink.Colour? =
      switch letters.state {
      case .set: nil
      case .well: .green
      case .ill: .red
      }
    let lines = paragraph(letters.state.rawValue, colour, letters.words, width: 9, columns, ink)
    guard let durability = letters.durability else { return lines }
    let warning: Ink.Colour? = durability.grade == .lossy ? .yellow : nil
    return lines
      + paragraph(durability.grade.rawValue, warning, durability.text, width: 9, columns, ink)
  }

  // MARK: - Problems

  private func problemLines(_ columns: Int, _ ink: Ink) -> [String] {
    let problems =
      configuration.errors.map { ("error", Ink.Colour.red, $0) }
      + configuration.warnings.map { ("warning", Ink.Colour.yellow, $0) }
    return problems.flatMap { word, colour, problem in
      paragraph(word, colour, problem.place, width: 9, columns, ink)
        + PlainText.clean(problem.message).wrapped(columns: max(20, columns - 11))
        .map { String(repeating: " ", count: 9) + $0 }
    }
  }

  private func summary(_ ink: Ink) -> String {
    let errors = configuration.errors.count
    let wrong =
      "\(ConfigurationText.count(errors, "error")) and "
      + ConfigurationText.count(configuration.warnings.count, "warning")
    let count = servers.count + unknownServers.count
    let well: String =
      engine == nil
      ? ConfigurationText.count(configuration.servers.count, "server") + " configured"
      : "\(wellCount) of \(ConfigurationText.count(count, "server")) well"
    return ink.paint("\(well), \(wrong)", status == .success ? .green : .red)
  }
}

extension ConfigurationSource.State {
  fileprivate var look: (word: String, colour: Ink.Colour?, reason: String?) {
    switch self {
    case .absent: ("absent", .faint, nil)
    case .unusable(let reason): ("unusable", .red, reason)
    case .read: ("read", .green, nil)
    }
  }
}

extension SourceSnapshot.Kind {
  fileprivate var words: String {
    switch self {
    case .file: "file"
    case .toolhive: "ToolHive"
    case .kubernetes: "Kubernetes"
    }
  }
}

extension ConfigurationProblem {
  /// `mcp.json:3:7  mcpServers.github.url`
  fileprivate var place: String {
    let spot = position.map { "\(file):\($0.line):\($0.column)" } ?? file
    return path.isEmpty ? spot : "\(spot)  \(path)"
  }
}

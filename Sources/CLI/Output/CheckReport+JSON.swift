import FleetModel
import Telemetry

extension CheckReport {
  /// One document, with a line end.
  var json: String {
    var writer = JSONWriter()
    writer.object {
      $0.member("ok", status == .success)
      $0.member("engine", engine?.rawValue)
      $0.member("sources", array: writeSources)
      if engine == nil {
        ConfigurationText.writeServers(configuration, to: &$0)
      } else {
        $0.member("servers", array: writeServers)
      }
      ConfigurationText.write(letters, to: &$0)
      $0.member("errors", array: { ConfigurationText.write(configuration.errors, to: &$0) })
      $0.member("warnings", array: { ConfigurationText.write(configuration.warnings, to: &$0) })
    }
    return PlainText.escapingHidden(in: writer.json).text + "\n"
  }

  private func writeSources(_ list: inout JSONWriter) {
    for source in sources {
      list.object { writer in
        writer.member("name", source.path)
        writer.member("kind", SourceSnapshot.Kind.file.rawValue)
        writer.member("program", source.program.rawValue)
        let (state, reason): (String, String?) =
          switch source.state {
          case .absent: ("absent", nil)
          case .unusable(let reason): ("unusable", reason)
          case .read: ("read", nil)
          }
        writer.member("state", state)
        writer.member("text", reason)
        writer.member(
          "servers", array: { names in for id in source.servers { names.value(id.name) } })
        writer.member(
          "disabled", array: { names in for name in source.disabled { names.value(name) } })
      }
    }
    for source in otherSources {
      list.object {
        $0.member("name", source.name)
        $0.member("kind", source.kind.rawValue)
        $0.member("program", String?.none)
        $0.member("state", source.isWell ? "well" : "ill")
        $0.member("text", source.text)
        $0.member("serverCount", source.serverCount)
      }
    }
  }

  private func writeServers(_ list: inout JSONWriter) {
    for server in servers { list.object { write(server, to: &$0) } }
    for server in unknownServers {
      list.object {
        $0.member("name", server.id.name)
        $0.member("state", "absent")
        $0.member("well", false)
        $0.member("transport", ConfigurationText.transport(server.endpoint))
        $0.member("address", server.endpoint.address)
        $0.member("source", server.source)
      }
    }
  }

  private func write(_ server: ServerPicture, to writer: inout JSONWriter) {
    writer.member("name", server.name)
    writer.member("state", server.state.rawValue.lowercased())
    writer.member("well", server.state == .up)
    writer.member("transport", server.transport)
    writer.member("address", server.address)
    writer.member("source", server.source)
    writer.member("era", server.era)
    writer.member("protocolVersion", server.protocolVersion)
    writer.member("calledItself", server.itself)
    writer.member("tools", server.toolCount)
    writer.member("roundTripSeconds", server.roundTrip?.seconds)
    writer.member("trouble", server.trouble)
    writer.key("impostor")
    guard let impostor = server.impostor else { return writer.null() }
    writer.object {
      $0.member("address", impostor.address)
      for (key, identity) in [("expected", impostor.expected), ("found", impostor.found)] {
        $0.member(
          key,
          object: {
            $0.member("name", identity.name)
            $0.member("toolsDigest", identity.toolsDigest)
          })
      }
    }
  }
}

import FleetModel

// Where servers come from, where they are, and who answers there.
extension JSONWriter {
  mutating func whereabouts(_ server: ServerSnapshot) {
    member("source", server.source)
    member("address", server.address)
    member("serverName", server.serverName)
    member("serverVersion", server.serverVersion)
    member("connectFailure", server.connectFailure)
    key("impostor")
    guard let impostor = server.impostor else { return null() }
    object {
      $0.member("address", impostor.address)
      $0.identity("expected", impostor.expected)
      $0.identity("found", impostor.found)
    }
  }

  private mutating func identity(_ name: String, _ identity: ServerIdentity) {
    key(name)
    object {
      $0.member("name", identity.name)
      $0.member("toolsDigest", identity.toolsDigest)
    }
  }

  mutating func sources(_ sources: [SourceSnapshot]) {
    key("sources")
    array { writer in
      for source in sources {
        writer.object {
          $0.member("name", source.name)
          $0.member("kind", source.kind.rawValue)
          $0.member("servers", source.serverCount)
          $0.member("well", source.isWell)
          $0.member("text", source.text)
        }
      }
    }
  }
}

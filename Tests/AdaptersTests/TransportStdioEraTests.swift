import Engine
import FleetModel
import Testing

@testable import Adapters

@Suite(.timeLimit(.minutes(5))) struct `A child's era` {
  @Test func `is modern when it answers discover`() async throws {
    try await TransportFixture.withoutServer { fixture in
      let info = try await fixture.open(fixture.server(shell("")))
      #expect(info.era == .modern)
      #expect(await fixture.call().result == "{}")
    }
  }

  @Test func `is handshake when it knows no discover`() async throws {
    try await TransportFixture.withoutServer { fixture in
      let info = try await fixture.open(
        fixture.server(shell("*server/discover*) refuse $id -32601 ;;")))
      #expect(info.era == .handshake)
      #expect(info.serverName == "sh")
      #expect(await fixture.call().result == "{}")
    }
  }

  @Test func `is handshake when it dies of discover: a fresh one is greeted first`() async throws {
    try await TransportFixture.withoutServer { fixture in
      let info = try await fixture.open(fixture.server(shell("*server/discover*) exit 1 ;;")))
      #expect(info.era == .handshake)
      #expect(await fixture.call().result == "{}")
    }
  }

  @Test func `is handshake when discover spoils it for initialize`() async throws {
    try await TransportFixture.withoutServer { fixture in
      let info = try await fixture.open(
        fixture.server(
          shell(
            """
            *server/discover*) spoiled=1; refuse $id -32600 ;;
            *initialize*) if [ "$spoiled" ]; then refuse $id -32600; else greet $id; fi ;;
            """)))
      #expect(info.era == .handshake)
    }
  }

  @Test func `is modern when its refusal of initialize says so`() async throws {
    try await TransportFixture.withoutServer { fixture in
      let refusal =
        #"'{"id":%s,"error":{"code":-32022,"message":"","data":{"supported":["2026-07-28"]}}}\n'"#
      let info = try await fixture.open(
        fixture.server(shell("*initialize*) printf \(refusal) $id ;;")),
        knownEra: TransportFixture.handshake)
      #expect(info.era == .modern)
    }
  }
}

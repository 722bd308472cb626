import FleetModel
import Testing
import Wire

@testable import Gateway

/// A caller's own token on its way through the control interface.
struct CallTokenTests {
  private func answer(_ body: String, from fleet: FakeFleet) async -> ControlResponse {
    let control = ControlInterface(
      fleet: fleet, makeCallID: { CallID(high: 1, low: 2) }, now: { .origin },
      wallClock: { FakeFleet.wallClock })
    return await control.answer(
      ControlRequest(method: "POST", target: "/calls", body: Array(body.utf8)))
  }

  @Test(arguments: [
    #"{"server":"search","tool":"t","token":"a.b.c"}"#,
    #"{"server":"search","method":"tools/list","token":"a.b.c"}"#,
  ])
  func `reaches the call and no answer`(body: String) async {
    let fleet = FakeFleet()
    let response = await answer(body, from: fleet)
    #expect(response.status == 200)
    #expect(fleet.remembered.calls.map(\.token) == [Secret("a.b.c")])
    #expect(!String(decoding: response.body, as: UTF8.self).contains("a.b.c"))
  }

  @Test(arguments: ["12345678", #"["secret-1"]"#, #"{"a":"secret-1"}"#, #""""#])
  func `that is none is refused without being repeated`(token: String) async {
    let fleet = FakeFleet()
    let response = await answer(
      #"{"server":"search","tool":"t","token":\#(token)}"#, from: fleet)
    let text = String(decoding: response.body, as: UTF8.self)
    #expect(response.status == 400)
    #expect(text.contains("token"))
    #expect(!text.contains("secret-1"))
    #expect(!text.contains("12345678"))
    #expect(fleet.remembered.calls.isEmpty)
  }

  @Test func `is written as it is read`() async {
    let fleet = FakeFleet()
    let request = ControlRequest.call(
      "t", arguments: .emptyObject, on: ServerID("search"), token: Secret("a\"b"))
    _ = await answer(String(decoding: request.body, as: UTF8.self), from: fleet)
    #expect(fleet.remembered.calls.first?.token == Secret("a\"b"))
  }
}

import FleetModel
import Testing

@testable import CLI

struct RedisAddressTextTests {
  @Test(
    arguments: [
      ("localhost", "redis://localhost:6379/0", nil, nil),
      ("localhost:7000", "redis://localhost:7000/0", nil, nil),
      (":7000", "redis://localhost:7000/0", nil, nil),
      ("[::1]:7000", "redis://[::1]:7000/0", nil, nil), ("[::1]", "redis://[::1]:6379/0", nil, nil),
      ("redis://h", "redis://h:6379/0", nil, nil), ("redis://h/", "redis://h:6379/0", nil, nil),
      ("redis://h:1/7", "redis://h:1/7", nil, nil),
      ("redis://ann@h/7", "redis://h:6379/7", "ann", nil),
      ("redis://:p%40ss@h", "redis://h:6379/0", nil, "p@ss"),
      ("redis://ann:a:b@h", "redis://h:6379/0", "ann", "a:b"),
      ("rediss://h:1/2", "rediss://h:1/2", nil, nil),
      ("unix:///run/r.sock", "unix:///run/r.sock#0", nil, nil),
      ("unix:///run/r.sock#3", "unix:///run/r.sock#3", nil, nil),
    ] as [(String, String, String?, String?)])
  func `an address is read however it is written`(
    text: String, address: String, user: String?, password: String?
  ) throws {
    let read = try #require(RedisAddressText(text))
    let place = RedisAddress(
      read.host, user: read.user, password: read.password, database: read.database ?? 0,
      usesTLS: read.usesTLS)
    #expect(place.description == address)
    #expect(read.user == user)
    #expect(read.password?.value == password)
  }

  @Test(arguments: [
    "", "h:", "h:0", "h:65536", "h:x", "h:1/2", "a:b:1", "[h]:1", "[::1", "[::1]x", "ann@h",
    "redis://h/x", "redis://h/65536", "redis://h/-1", "redis://h?db=1", "redis://h#1",
    "redis://a%zz@h", "redis://a%+1@h", "redis://a%ff@h", "unix://r.sock", "unix:///",
    "unix:///r#x", "http://h",
    "h 1", "h\u{1B}",
  ])
  func `what is no address is refused`(text: String) {
    #expect(RedisAddressText(text) == nil)
  }
}

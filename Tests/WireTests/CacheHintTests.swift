import FleetModel
import Testing
import Wire

@Suite struct CacheHintTests {
  @Test(arguments: [
    ("resources/list", #"{"resources":[],"ttlMs":1500,"cacheScope":"private"}"#, 1500),
    ("resources/read", #"{"contents":[],"ttlMs":1,"cacheScope":"public"}"#, 1),
    ("prompts/list", #"{"prompts":[],"ttlMs":0}"#, nil),
    ("prompts/list", #"{"prompts":[],"ttlMs":-5}"#, nil),
    ("prompts/list", #"{"prompts":[]}"#, nil),
    ("resources/list", #"{"ttlMs":"60000"}"#, nil),
    ("tools/call", #"{"content":[],"ttlMs":60000}"#, nil),
    ("prompts/get", #"{"messages":[],"ttlMs":60000}"#, nil),
  ])
  func `a result is kept as long as its server says, and only where it may say so`(
    method: String, result: String, milliseconds: Int?
  ) {
    let hint = CacheHint.timeToLive(
      of: JSONText(unchecked: Array(result.utf8)), method: method)
    #expect(hint == milliseconds.map { .milliseconds($0) })
  }
}

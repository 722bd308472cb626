import Testing
import Wire

struct ToolHiveVersionTests {
  /// From the lowest to the highest; those of one row are equal.
  private static let rising: [[String]] = [
    ["build-7c3a3077", "dev", "", "1.2", "1.2.x", "v", "01.2.-3", "1.2.3-", "nightly 9.9.9"],
    ["0.0.0-dev"], ["0.0.1"], ["v0.6.1-alpha", "0.6.1-alpha"], ["0.6.1-alpha.1"],
    ["0.6.1-alpha.beta"], ["0.6.1-beta.2"], ["0.6.1-beta.11"], ["0.6.1-rc.1"],
    ["v0.6.1", "0.6.1+linux", "0.6.1"], ["0.6.2"], ["0.10.0"], ["1.0.0"],
  ]

  @Test func `versions rise as in semantic versioning, development builds below all`() {
    for (row, texts) in Self.rising.enumerated() {
      for text in texts {
        for (other, others) in Self.rising.enumerated() {
          for second in others {
            let (left, right) = (ToolHiveVersion(text), ToolHiveVersion(second))
            #expect((left < right) == (row < other), "\(text) and \(second)")
          }
        }
      }
    }
  }

  @Test func `a number that no integer holds is a development build`() {
    #expect(ToolHiveVersion("99999999999999999999.0.0") < ToolHiveVersion("0.0.1"))
  }
}

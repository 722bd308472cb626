import Foundation
import Telemetry
import Testing

/// Prometheus' own checker, where it is installed.
@Suite(.enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/promtool")))
struct PrometheusCheckerTests {
  private static let promtool = "/usr/bin/promtool"

  @Test(arguments: SnapshotExamples.Kind.allCases)
  func `Prometheus' checker finds nothing to say`(kind: SnapshotExamples.Kind) throws {
    let (input, output) = (Pipe(), Pipe())
    let checker = Process()
    checker.executableURL = URL(filePath: Self.promtool)
    checker.arguments = ["check", "metrics"]
    (checker.standardInput, checker.standardOutput) = (input, output)
    checker.standardError = output
    try checker.run()
    try input.fileHandleForWriting.write(
      contentsOf: Data(SnapshotPrometheus.render(kind.snapshot).utf8))
    try input.fileHandleForWriting.close()
    let words = try output.fileHandleForReading.readToEnd() ?? Data()
    checker.waitUntilExit()
    #expect(checker.terminationStatus == 0)
    #expect(String(decoding: words, as: UTF8.self) == "")
  }
}

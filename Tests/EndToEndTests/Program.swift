import Foundation

/// The built `mcpdash` with one configuration and one state directory.
struct Program {
  let place: Workplace
  /// Names the configuration and state this program runs with.
  let arguments: [String]

  /// - Parameter flags: of every run, beside those for configuration and state.
  init(_ place: Workplace, configuration: String, flags: [String] = []) throws {
    self.place = place
    arguments =
      [
        "--config", try place.write("mcpdash.json5", configuration),
        "--state-dir", place.path("state"),
      ] + flags
  }

  /// The dashboard itself, for a terminal.
  var commandLine: [String] { [Prerequisite.mcpdash.path] + arguments }

  /// What one run of the program left behind.
  struct Result: Sendable {
    let status: Int32
    let output: String
    let errors: String
    /// As far as it was seen before the end.
    let peakKilobytes: Int

    /// A message for a person: no crash report, no escape sequences, not a page of it.
    var isReadableComplaint: Bool {
      status != 0 && status < 128 && !errors.isEmpty && errors.utf8.count < 2000
        && !errors.contains("Fatal error") && !errors.contains("\u{1B}")
    }
  }

  /// Runs it without a terminal to its end.
  func run(_ more: [String], within limit: Duration = .seconds(30)) async throws -> Result {
    try await Self.run(arguments + more, in: place, within: limit)
  }

  static func run(
    _ arguments: [String], in place: Workplace, environment: [String: String] = [:],
    within limit: Duration = .seconds(30)
  ) async throws -> Result {
    let name = "mcpdash-\(UUID().uuidString.prefix(8))"
    let child = try place.start(
      name, try Prerequisite.mcpdash.found(), arguments, environment: environment)
    defer { child.stop() }
    var peak = 0
    let status = try await eventually(
      "the end of: mcpdash \(arguments.joined(separator: " "))", within: limit
    ) {
      peak = max(peak, child.peakKilobytes)
      return child.status
    }
    return Result(
      status: status, output: child.output, errors: child.errors, peakKilobytes: peak)
  }

  /// The fleet as JSON: of the engine that runs on this state directory, else of one that runs for the
  /// time given.
  func picture(wait seconds: Int? = nil) async throws -> FleetPicture {
    let wait = seconds.map { ["--wait", String($0)] } ?? []
    let result = try await run(["snapshot", "--format", "json"] + wait)
    guard result.status == 0 else { throw Failed(result: result) }
    return try FleetPicture(json: result.output)
  }

  /// Pictures until one fulfils the condition.
  @discardableResult
  func picture(
    where what: String, within limit: Duration = .seconds(30), _ holds: (FleetPicture) -> Bool
  ) async throws -> FleetPicture {
    let end = ContinuousClock.now + limit
    while true {
      let picture = try await picture()
      if holds(picture) { return picture }
      guard ContinuousClock.now < end else {
        throw NeverHappened(what: "\(what), but \(picture)", limit: limit)
      }
      try await Task.sleep(for: .milliseconds(100))
    }
  }

  struct Failed: Error, CustomStringConvertible {
    let result: Result

    var description: String { "exit status \(result.status): \(result.errors)\(result.output)" }
  }
}

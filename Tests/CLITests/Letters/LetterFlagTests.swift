import FleetModel
import Gateway
import TestInputs
import Testing

@testable import CLI

/// What the flags of `mcpdash dlq` mean.
struct LetterFlagTests {
  private static let id = DeadLetterID("01890a5d-ac96-774b-bcce-b302099a8057")
  private static let all = LetterChoice()

  private static func server(_ name: String) -> LetterChoice {
    LetterChoice(filter: DeadLetterFilter(server: ServerID(name)))
  }

  @Test(
    arguments: [
      (["list"], .list(.init())),
      (["list", "-s", "a", "--limit", "7"], .list(.init(choice: server("a"), limit: 7))),
      (
        ["list", "--after", "5.a b", "-j"],
        .list(
          .init(
            cursor: DeadLetterCursor(
              createdAt: Timestamp(millisecondsSinceEpoch: 5), id: DeadLetterID("a b")),
            isJSON: true))
      ),
      (["list", "--all"], .list(.init())),
      (["show", id.text, "--json"], .show([id], isJSON: true)),
      (
        ["show", "made by another"], .show([DeadLetterID("made by another")], isJSON: false)
      ),
      (["replay", id.text, "--force"], .replay(.init(choice: .init(ids: [id]), isForced: true))),
      (["replay", "--all"], .replay(.init(choice: all))),
      (
        ["replay", "-aq", "--dry-run", "--pace", "0", "--when-closed", "--token-env", "T", "-j"],
        .replay(
          .init(
            choice: all, isDryRun: true, pace: nil, waitsForBreaker: true, token: .variable("T"),
            isQuiet: true, isJSON: true))
      ),
      (
        ["replay", id.text, "--arguments", "{a: 1}", "--pace=2.5", "--token-file", "f"],
        .replay(
          .init(
            choice: .init(ids: [id]), pace: 2.5,
            arguments: .json(JSONText(unchecked: Array(#"{"a":1}"#.utf8))), token: .file("f")))
      ),
      (
        ["replay", id.text, "--arguments", "-"],
        .replay(.init(choice: .init(ids: [id]), arguments: .standardInput))
      ),
      (["stop", "3"], .stop(3, isJSON: false)), (["stop", "--all"], .stop(nil, isJSON: false)),
      (["discard", id.text], .discard(.init(ids: [id]), isJSON: false)),
      (["discard", "-s", "a", "-j"], .discard(server("a"), isJSON: true)),
      (["delete", id.text], .delete([id], isJSON: false)),
      (["purge", "--all"], .purge(all, isSure: false, isJSON: false)),
      (["purge", "-s", "a", "-y"], .purge(server("a"), isSure: true, isJSON: false)),
      (["stats", "--json"], .statistics(isJSON: true)), (["export"], .export(.init())),
      (
        ["export", "--state", "any", "-n", "9"],
        .export(
          .init(
            choice: .init(filter: DeadLetterFilter(states: Set(DeadLetter.State.allCases))),
            limit: 9))
      ),
      (["import", "-"], .take(from: "-", isJSON: false)),
      (["import", "f", "-j"], .take(from: "f", isJSON: true)),
    ] as [([String], DeadLetterRequest)])
  func `words become a request`(words: [String], request: DeadLetterRequest) throws {
    let read = try InvocationReader.read(["dlq"] + words, environment: [:])
    #expect(read.action == .deadLetters(request))
  }

  @Test(arguments: [
    (["show"], "'dlq show' needs ID"), (["delete"], "'dlq delete' needs ID"),
    (["show", ""], "'' is no id of a letter; 'mcpdash dlq list' shows them"),
    (
      ["replay"], "which letters? give ids, or flags such as --server SERVER, or --all"
    ),
    (
      ["replay", "a", "--all"],
      "too many choices; give ids, or flags such as --server SERVER, or --all"
    ),
    (
      ["discard", "a", "--kind", "503"],
      "too many choices; give ids, or flags such as --server SERVER, or --all"
    ),
    (["purge"], "which letters? give flags such as --server SERVER, or --all"),
    (
      ["purge", "--all", "--state", "done"],
      "too many choices; give flags such as --server SERVER, or --all"
    ),
    (["purge", "a"], "'a' is too much; write: mcpdash dlq purge [FLAGS]"),
    (["list", "--limit", "10001"], "--limit: '10001' is not a whole number from 1 to 10000"),
    (["list", "--limit", "0"], "--limit: '0' is not a whole number from 1 to 10000"),
    (["list", "--after", "x"], "--after: 'x' is not what an earlier list gave as its next"),
    (["list", "--since", "soon"], "--since: 'soon' is not \(ControlTime.form)"),
    (["list", "--before", "15"], "--before: '15' is not \(ControlTime.form)"),
    (["list", "--server="], "--server needs a text that is not empty"),
    (
      ["list", "--state", "done", "--state", "lost"],
      "--state: 'done,lost' is not one of \(ControlLetterFilter.stateForm)"
    ),
    (
      ["list", "--delivery", "sure"],
      "--delivery: 'sure' is not one of \(ControlLetterFilter.deliveryForm)"
    ),
    (
      ["replay", "--all", "--pace", "2000"],
      "--pace: '2000' is not letters a second, from 0.1 to 1000, or 0"
    ),
    (["replay", "--all", "--arguments", "{}"], "--arguments are for one letter; name its id"),
    (
      ["replay", "a", "--arguments", "[]"],
      #"the arguments must be an object such as {"city": "Bern"}, not an array"#
    ),
    (["stop"], "which replay? name its number, or --all"),
    (["stop", "1", "--all"], "which replay? name its number, or --all"),
    (["stop", "x"], "'x' is no number of a replay, such as 3"),
    (["import"], "'dlq import' needs FILE"),
    (
      ["stats", "--server", "a"],
      "--server belongs to 'dlq list', 'dlq replay', 'dlq discard', 'dlq purge', 'dlq export', not"
        + " to 'dlq stats'"
    ),
  ])
  func `what makes no sense is answered with what would`(words: [String], message: String) {
    #expect {
      try InvocationReader.read(["dlq"] + words, environment: [:])
    } throws: {
      ($0 as? UsageError)?.message == message
    }
  }

  @Test(arguments: ["call_tool", "tools/call"])
  func `both names of an operation mean the same`(name: String) throws {
    let read = try InvocationReader.read(["dlq", "list", "--operation", name], environment: [:])
    let choice = LetterChoice(filter: DeadLetterFilter(operation: "tools/call"))
    #expect(read.action == .deadLetters(.list(.init(choice: choice))))
  }

  @Test func `an age is counted from when the command runs`() throws {
    let read = try InvocationReader.read(
      ["dlq", "list", "--since", "1h", "--before", "2026-11-21T03:04:05Z"], environment: [:])
    guard case .deadLetters(.list(let request)) = read.action else {
      Issue.record("no list")
      return
    }
    let now = ScriptedFleet.now
    #expect(
      request.choice.selection(now: now)
        == .matching(
          DeadLetterFilter(
            since: now + .seconds(-3600), before: Timestamp(rfc3339: "2026-11-21T03:04:05Z"))))
  }

  /// Flags → request → query → filter.
  @Test(arguments: 0..<300 as Range<UInt64>)
  func `a filter comes out of flags and query as it went in`(seed: UInt64) async throws {
    var random = SplitMix64(seed: seed)
    let filter = DeadLetterFilter.random(using: &random)
    var words = ["dlq", "list"]
    func add(_ flag: String, _ value: String?) {
      if let value { words += ["--" + flag, value] }
    }
    add("state", filter.states.map(\.rawValue).sorted().joined(separator: ","))
    add("server", filter.server?.name)
    add("client", filter.client)
    add("operation", filter.operation)
    add("tool", filter.target)
    add("kind", filter.kind)
    for delivery in filter.deliveries ?? [] { add("delivery", delivery.rawValue) }
    add("since", filter.since?.rfc3339)
    add("before", filter.before?.rfc3339)
    add("text", filter.text)
    let fleet = ScriptedFleet()
    let bench = ProgramBench(doors: ScriptedDoors(running: fleet))
    let result = await bench.run(words)
    // A name that nobody has is a slip, and told after the list was asked for.
    #expect([.success, .usage].contains(result.status), "\(result.complaints)")
    #expect(fleet.listings.first == .init(selection: .matching(filter), after: nil, limit: 50))
  }
}

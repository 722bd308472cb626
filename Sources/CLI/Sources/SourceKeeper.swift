import Engine
import FleetModel
import Synchronization

/// What the keeper steers.
protocol KeptFleet: Sendable {
  func reconfigure(_ servers: [ServerDefinition]) async
  func show(_ sources: [SourceSnapshot]) async
  func announce(_ severity: Notice.Severity, _ text: String) async
}

extension LiveFleet: KeptFleet {}

/// Follows everything that servers come from for as long as an engine runs, and gives the fleet one
/// list of servers whenever that changes.
///
/// A file is looked at by its stamp once a second: that sees editors that replace files, files that
/// come later and directories on any file system. A text that is broken changes nothing: what runs,
/// goes on, and the mistakes are announced.
actor SourceKeeper {
  /// Between two looks at the files.
  static let lookInterval = Duration.seconds(1)
  /// So long nothing more must change before a file is read.
  static let settlingTime = Duration.milliseconds(300)
  /// A file that changes all the time is read after so many of these.
  static let settlingLimit = 10
  /// What other sources hold is waited for so long where an engine lives for one command.
  static let sourcePatience = Duration.seconds(5)
  /// Problems of one reading that are announced.
  private static let problemLimit = 12

  /// What one of the other sources said last.
  fileprivate enum Word {
    case none
    case report(SourceReport)
    /// It has given up; what it held goes on.
    case failure(CommandFailure, last: SourceReport?)
  }

  private let origin: ConfigurationOrigin
  private let fleet: any KeptFleet
  private let now: @Sendable () -> Timestamp
  private let sleep: @Sendable (Duration) async -> Void
  private let requests: AsyncStream<Void>
  private let request: AsyncStream<Void>.Continuation
  private let ending = Mutex<CommandFailure?>(nil)

  /// The last that was sound.
  private var configuration: Configuration
  /// The last that was read, and when.
  private var newest: Configuration
  private var readAt: Timestamp
  /// Servers of before whose new text is broken.
  private var kept: [ServerDefinition] = []
  /// The file that each server is from.
  private var homes: [ServerID: String]
  private var words: [Word]
  private var running: [ServerDefinition]
  private var shown: [SourceSnapshot] = []
  private var announced: Set<ConfigurationProblem>

  /// - Parameter configuration: with whose servers the fleet was started, its problems told.
  init(
    _ configuration: Configuration, from origin: ConfigurationOrigin, fleet: any KeptFleet,
    now: @escaping @Sendable () -> Timestamp,
    sleep: @escaping @Sendable (Duration) async -> Void = { duration in
      // A wait that was cancelled is over.
      try? await Task.sleep(for: duration)
    }
  ) {
    self.origin = origin
    self.fleet = fleet
    self.now = now
    self.sleep = sleep
    self.configuration = configuration
    newest = configuration
    readAt = now()
    words = Array(repeating: .none, count: origin.sources.count)
    running = configuration.servers
    homes = Self.homes(in: configuration)
    announced = Set(configuration.errors + configuration.warnings)
    (requests, request) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
  }

  /// Why there is nothing left to run: every source has given up, and no file has a server.
  nonisolated var failure: CommandFailure? { ending.withLock { $0 } }

  /// Reads everything again soon, changed or not.
  nonisolated func reload() { request.yield() }

  /// Follows the sources until its task is cancelled.
  func run() async {
    await show()
    await withDiscardingTaskGroup { group in
      group.addTask { await self.watchFiles() }
      group.addTask {
        for await _ in self.requests { await self.readAgain(isAsked: true) }
      }
      for (number, source) in origin.sources.enumerated() {
        group.addTask { await self.follow(source, number) }
      }
    }
  }

  /// Returns when every other source could be read or has given up, or has had its time.
  func waitForSources() async {
    let step = Duration.milliseconds(50)
    var left = Self.sourcePatience
    while left > .zero, !words.allSatisfy(\.isSettled) {
      await sleep(step)
      left -= step
    }
  }

  // MARK: - Files

  private func watchFiles() async {
    while !Task.isCancelled {
      await sleep(Self.lookInterval)
      guard !Task.isCancelled, hasChanged(newest.stamps) else { continue }
      var rounds = 0
      var stamps = currentStamps()
      repeat {
        stamps = currentStamps()
        await sleep(Self.settlingTime)
        rounds += 1
      } while hasChanged(stamps) && rounds < Self.settlingLimit && !Task.isCancelled
      if !Task.isCancelled { await readAgain(isAsked: false) }
    }
  }

  private func hasChanged(_ stamps: [String: FileStamp?]) -> Bool { currentStamps() != stamps }

  private func currentStamps() -> [String: FileStamp?] {
    origin.stamps(of: Array(newest.stamps.keys))
  }

  private func readAgain(isAsked: Bool) async {
    newest = origin.load()
    readAt = now()
    if let failure = origin.failure(of: newest) {
      await fleet.announce(
        .error, "the configuration was not taken over: \(failure.message)")
      return await show()
    }
    let news = (newest.errors + newest.warnings).filter { !announced.contains($0) }
    announced = Set(newest.errors + newest.warnings)
    guard newest.isSound else {
      await fleet.announce(.error, "the configuration was not taken over, for it has mistakes")
      await announce(news)
      return await show()
    }
    keepWhatBroke()
    configuration = newest
    let before = running
    await apply()
    await announce(news)
    if isAsked || before != running {
      await fleet.announce(
        .info, "configuration read again: " + Self.difference(from: before, to: running))
    }
  }

  /// A slip in the text of one server, or of one file, does not end what runs.
  private func keepWhatBroke() {
    let broken = Set(newest.errors.compactMap(\.server))
    let brokenFiles = Set(newest.sources.filter(\.isUnusable).map(\.path))
    let found = Self.homes(in: newest)
    kept = running.filter { server in
      guard found[server.id] == nil, let home = homes[server.id] else { return false }
      return broken.contains(server.id) || brokenFiles.contains(home)
    }
    homes = homes.filter { entry in kept.contains { $0.id == entry.key } }
      .merging(found) { _, new in new }
  }

  private static func homes(in configuration: Configuration) -> [ServerID: String] {
    var homes: [ServerID: String] = [:]
    for source in configuration.sources {
      for server in source.servers { homes[server] = source.path }
    }
    return homes
  }

  private func announce(_ problems: [ConfigurationProblem]) async {
    for problem in problems.prefix(Self.problemLimit) {
      let isError = newest.errors.contains(problem)
      await fleet.announce(isError ? .error : .warning, problem.description)
    }
    let rest = problems.count - Self.problemLimit
    if rest > 0 { await fleet.announce(.error, "and \(rest) more; see 'mcpdash check-config'") }
  }

  // MARK: - Other sources

  private func follow(_ source: any ServerSource, _ number: Int) async {
    do throws(CommandFailure) {
      try await source.run { report in await self.take(report, of: number) }
    } catch {
      await giveUp(number, error)
    }
  }

  private func take(_ report: SourceReport, of number: Int) async {
    words[number] = .report(report)
    await apply()
  }

  private func giveUp(_ number: Int, _ failure: CommandFailure) async {
    guard !Task.isCancelled else { return }
    words[number] = .failure(failure, last: words[number].report)
    let isOver = configuration.servers.isEmpty && words.allSatisfy(\.isFailure)
    if isOver { ending.withLock { $0 = failure } }
    await fleet.announce(.error, failure.message)
    await show()
  }

  // MARK: - The fleet

  private func apply() async {
    let discovered = words.compactMap(\.report).map {
      (label: $0.snapshot.kind.rawValue, servers: $0.servers)
    }
    let (servers, report) = configuration.plan.assemble(with: discovered)
    var list = servers
    for definition in kept where !list.contains(where: { $0.id == definition.id }) {
      let place = running.firstIndex { $0.id == definition.id } ?? list.count
      list.insert(definition, at: min(place, list.count))
    }
    list = origin.scope.narrowed(list)
    let news = report.errors.filter { announced.insert($0).inserted }
    if list != running {
      running = list
      await fleet.reconfigure(list)
    }
    await announce(news)
    await show()
  }

  private func show() async {
    var list = newest.sources.filter { $0.state != .absent }.map(snapshot)
    list += words.compactMap(\.snapshot)
    guard list != shown else { return }
    shown = list
    await fleet.show(list)
  }

  private func snapshot(_ source: ConfigurationSource) -> SourceSnapshot {
    let mistake = newest.errors.first {
      $0.file == source.path && $0.server == nil && !$0.isBorne
    }
    var text = "read \(readAt.rfc3339)"
    if !source.disabled.isEmpty {
      text += "; switched off: " + source.disabled.joined(separator: ", ")
    }
    var isWell = mistake == nil
    if let mistake { text = mistake.description }
    if case .unusable(let reason) = source.state { (isWell, text) = (false, reason) }
    return SourceSnapshot(
      name: source.path, kind: .file,
      serverCount: running.count { homes[$0.id] == source.path }, isWell: isWell, text: text)
  }

  /// `3 servers, 1 new, 1 changed, 1 gone`
  private static func difference(
    from old: [ServerDefinition], to new: [ServerDefinition]
  ) -> String {
    let fresh = new.filter { server in !old.contains { $0.id == server.id } }
    let gone = old.filter { server in !new.contains { $0.id == server.id } }
    let changed = new.filter { server in old.contains { $0.id == server.id && $0 != server } }
    let parts = [(fresh, "new"), (changed, "changed"), (gone, "gone")].filter { !$0.0.isEmpty }
      .map { "\($0.0.count) \($0.1)" }
    let count = "\(new.count) server\(new.count == 1 ? "" : "s")"
    return ([count] + (parts.isEmpty ? ["nothing changed"] : parts)).joined(separator: ", ")
  }
}

extension SourceKeeper.Word {
  fileprivate var isSettled: Bool {
    switch self {
    case .none: false
    case .report(let report): report.snapshot.isWell
    case .failure: true
    }
  }

  fileprivate var isFailure: Bool {
    switch self {
    case .failure: true
    case .none, .report: false
    }
  }

  fileprivate var report: SourceReport? {
    switch self {
    case .none: nil
    case .report(let report): report
    case .failure(_, let last): last
    }
  }

  fileprivate var snapshot: SourceSnapshot? {
    switch self {
    case .none: return nil
    case .report(let report): return report.snapshot
    case .failure(let failure, let last):
      guard var snapshot = last?.snapshot else { return nil }
      (snapshot.isWell, snapshot.text) = (false, failure.message)
      return snapshot
    }
  }
}

import FleetModel
import Synchronization

@testable import CLI

/// A keeper over files in memory, whose waits end when the test says so.
struct KeeperBench {
  let files: FilesInMemory
  let fleet = RecordedFleet()
  let waits = StepwiseWaits()
  let keeper: SourceKeeper
  private let running: Task<Void, Never>

  /// Begins with these files in the usual places.
  static func start(
    _ texts: [String: String], named: [String] = [], sources: [any ServerSource] = [],
    scope: FleetScope = FleetScope()
  ) async -> KeeperBench {
    let bench = KeeperBench(FilesInMemory(texts), named, sources, scope)
    await bench.waits.untilAsleep()
    return bench
  }

  private init(
    _ files: FilesInMemory, _ named: [String], _ sources: [any ServerSource], _ scope: FleetScope
  ) {
    self.files = files
    let origin = ConfigurationOrigin(
      named: named, environment: ["HOME": "/home/op"], files: files.access, sources: sources,
      scope: scope)
    var configuration = origin.load()
    configuration.servers = scope.narrowed(configuration.servers)
    let (fleet, waits) = (fleet, waits)
    let keeper = SourceKeeper(
      configuration, from: origin, fleet: fleet, now: { ScriptedFleet.now },
      sleep: { _ in await waits.sleep() })
    self.keeper = keeper
    running = Task { await keeper.run() }
  }

  /// Long enough that a change is seen, has settled and is carried out.
  func pass() async {
    await waits.step()
    await waits.step()
  }

  func stop() async {
    running.cancel()
    await waits.open()
    await running.value
  }
}

/// Files that change when the test says so.
final class FilesInMemory: Sendable {
  private let state: Mutex<(texts: [String: String], version: Int64, stamps: [String: Int64])>

  init(_ texts: [String: String]) { state = Mutex((texts, 0, [:])) }

  /// nil removes it.
  subscript(path: String) -> String? {
    get { state.withLock { $0.texts[path] } }
    set {
      state.withLock {
        $0.texts[path] = newValue
        $0.version += 1
        $0.stamps[path] = $0.version
      }
    }
  }

  var access: CommandContext.FileAccess {
    CommandContext.FileAccess(
      exists: { self[$0] != nil },
      read: { path throws(FileError) in
        guard let text = self[path] else {
          throw FileError(reason: "No such file or directory", isAbsent: true)
        }
        return Array(text.utf8)
      }, standardInput: { [] },
      stamp: { path in
        self.state.withLock { state in
          state.texts[path].map { _ in FileStamp(written: state.stamps[path] ?? 0) }
        }
      }, directory: ConfigurationBench.directory)
  }
}

/// What a keeper did to its fleet.
actor RecordedFleet: KeptFleet {
  private(set) var lists: [[ServerDefinition]] = []
  private(set) var shown: [[SourceSnapshot]] = []
  private(set) var announcements: [String] = []
  private var waiters:
    [(holds: (RecordedFleet) -> Bool, waiter: CheckedContinuation<Void, Never>)] = []

  func reconfigure(_ servers: [ServerDefinition]) {
    lists.append(servers)
    wake()
  }

  func show(_ sources: [SourceSnapshot]) {
    shown.append(sources)
    wake()
  }

  func announce(_ severity: Notice.Severity, _ text: String) {
    announcements.append("\(severity.rawValue): \(text)")
    wake()
  }

  /// The names of each list.
  var names: [[String]] { lists.map { $0.map(\.id.name) } }

  func until(_ holds: @escaping @Sendable (isolated RecordedFleet) -> Bool) async {
    if holds(self) { return }
    await withCheckedContinuation { waiter in
      waiters.append(({ fleet in fleet.assumeIsolated { holds($0) } }, waiter))
    }
  }

  private func wake() {
    let ready = waiters.filter { $0.holds(self) }
    waiters.removeAll { $0.holds(self) }
    for entry in ready { entry.waiter.resume() }
  }
}

/// Waits that end one by one.
actor StepwiseWaits {
  private var sleepers: [CheckedContinuation<Void, Never>] = []
  private var watcher: CheckedContinuation<Void, Never>?
  private var isOpen = false

  func sleep() async {
    if isOpen { return }
    await withCheckedContinuation { sleeper in
      sleepers.append(sleeper)
      watcher?.resume()
      watcher = nil
    }
  }

  /// Until somebody waits.
  func untilAsleep() async {
    if !sleepers.isEmpty || isOpen { return }
    await withCheckedContinuation { watcher = $0 }
  }

  /// Ends one wait, and returns when the next has begun.
  func step() async {
    await untilAsleep()
    sleepers.removeFirst().resume()
    await untilAsleep()
  }

  /// Ends all waits for good.
  func open() {
    isOpen = true
    for sleeper in sleepers { sleeper.resume() }
    sleepers = []
  }
}

/// A source that says what the test says.
struct ScriptedSource: ServerSource {
  let reports: AsyncStream<Result<SourceReport, CommandFailure>>
  let say: AsyncStream<Result<SourceReport, CommandFailure>>.Continuation

  init() { (reports, say) = AsyncStream.makeStream() }

  func run(
    _ report: @escaping @Sendable (SourceReport) async -> Void
  ) async throws(CommandFailure) {
    for await word in reports { await report(try word.get()) }
  }

  /// - Parameter servers: their names; each is at its own host.
  func has(_ servers: String...) {
    let snapshot = SourceSnapshot(
      name: "http://localhost:8080", kind: .toolhive, serverCount: servers.count, isWell: true,
      text: "listed")
    let found = servers.map {
      DiscoveredServer(
        name: $0, endpoint: .http(url: "http://\($0)/", headers: []), source: "toolhive: \($0)")
    }
    say.yield(.success(SourceReport(snapshot: snapshot, servers: found)))
  }

  func giveUp() { say.yield(.failure(CommandFailure("nobody is there", .failure))) }
}

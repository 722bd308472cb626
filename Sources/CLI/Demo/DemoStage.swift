import Adapters
import FleetModel
import Glibc
import Telemetry

/// The demo's processes and its directory; both are gone after `clear`.
///
/// Whatever ends this process ends the servers too: each of them stops when its standard input
/// ends. A directory that a killed demo left behind is swept by the next one.
final class DemoStage: Sendable {
  /// How long a fault server may take to say where it listens.
  private static let patience = Duration.seconds(10)
  private static let prefix = "/mcpdash-demo-"

  let directory: String
  let loop: EventLoop
  let servers: [ServerDefinition]
  private let children: [ChildProcess]

  private init(
    directory: String, loop: EventLoop, servers: [ServerDefinition], children: [ChildProcess]
  ) {
    self.directory = directory
    self.loop = loop
    self.servers = servers
    self.children = children
  }

  static func set(
    seed: UInt64, environment: [String: String]
  ) async throws(CommandFailure) -> DemoStage {
    let program = try faultServer(environment)
    let parent = environment["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
    sweep(parent)
    let directory = parent + prefix + String(getpid())
    guard mkdir(directory, 0o700) == 0 else {
      throw CommandFailure(
        "cannot make \(directory): \(String(cString: strerror(errno))); set TMPDIR",
        .cannotCreate)
    }
    let loop = EventLoop(name: "demo")
    loop.start()
    var servers: [ServerDefinition] = []
    var children: [ChildProcess] = []
    do throws(CommandFailure) {
      for (number, member) in DemoFleet.members.enumerated() {
        let script = try write(member, number, in: directory)
        let flags = member.flags(seed: seed &+ UInt64(number), script: script)
        var endpoint = Endpoint.stdio(
          command: program, arguments: flags, environment: [], workingDirectory: nil)
        if !member.isStdio {
          let (child, url) = try await start(program, flags, on: loop)
          children.append(child)
          endpoint = .http(url: url, headers: [])
        }
        servers.append(
          ServerDefinition(
            id: ServerID(member.name), endpoint: endpoint,
            policies: DemoFleet.policies(isStdio: member.isStdio), probes: [DemoFleet.probe],
            source: "the demo"))
      }
    } catch {
      let stage = DemoStage(
        directory: directory, loop: loop, servers: servers, children: children)
      await stage.clear()
      throw error
    }
    return DemoStage(directory: directory, loop: loop, servers: servers, children: children)
  }

  /// Ends the servers and removes the directory.
  func clear() async {
    await withDiscardingTaskGroup { group in
      for child in children { group.addTask { await child.stop() } }
    }
    loop.stop()
    Self.remove(directory)
  }

  // MARK: Processes

  /// Beside our own program, where it was built or installed, else on the path.
  private static func faultServer(
    _ environment: [String: String]
  ) throws(CommandFailure) -> String {
    let name = "mcpdash-faultserver"
    var buffer = [UInt8](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    var places: [String] = []
    if count > 0 {
      places.append(FilePath.directory(of: String(decoding: buffer[..<count], as: UTF8.self)))
    }
    places += (environment["PATH"] ?? "").split(separator: ":").map(String.init)
    for place in places where access("\(place)/\(name)", X_OK) == 0 { return "\(place)/\(name)" }
    throw CommandFailure(
      "\(name) is neither beside mcpdash nor on PATH; build it with 'swift build --product"
        + " \(name)'", .unavailable)
  }

  private static func start(
    _ program: String, _ flags: [String], on loop: EventLoop
  ) async throws(CommandFailure) -> (ChildProcess, String) {
    let (events, continuation) = AsyncStream.makeStream(of: ChildProcess.Event.self)
    let alarm = await loop.perform {
      loop.schedule(at: loop.now + patience) { continuation.finish() }
    }
    let started = await loop.perform { () -> Result<ChildProcess, Failure> in
      Result { () throws(Failure) in
        let command = try ChildCommand(
          command: program, arguments: flags, environment: [], workingDirectory: nil)
        return try ChildProcess.start(command, on: loop) { continuation.yield($0) }
      }
    }
    let child: ChildProcess
    switch started {
    case .success(let process): child = process
    case .failure(let failure): throw CommandFailure(failure.message, .unavailable)
    }
    var complaint = "it said nothing for \(patience.seconds) s"
    reading: for await event in events {
      switch event {
      case .line(let line):
        let words = String(decoding: line, as: UTF8.self).split(separator: " ")
        guard words.starts(with: ["listening", "on"]), words.count == 3 else { continue }
        await loop.perform { loop.cancel(alarm) }
        return (child, String(words[2]))
      case .overlongLine: continue
      case .exited(let exit):
        complaint = "it \(exit.text): \(exit.lastErrorLine ?? "")"
        break reading
      }
    }
    await child.stop()
    throw CommandFailure("cannot start \(program): \(PlainText.clean(complaint))", .unavailable)
  }

  // MARK: Files

  private static func write(
    _ member: DemoFleet.Member, _ number: Int, in directory: String
  ) throws(CommandFailure) -> String? {
    guard let script = member.script else { return nil }
    let path = "\(directory)/\(number).json"
    guard let file = fopen(path, "w") else {
      throw CommandFailure(
        "cannot write \(path): \(String(cString: strerror(errno)))", .cannotCreate)
    }
    fputs(script, file)
    fclose(file)
    return path
  }

  /// Removes what demos left behind that were killed.
  private static func sweep(_ parent: String) {
    for name in names(in: parent) {
      guard "/\(name)".hasPrefix(prefix),
        let process = pid_t(name.dropFirst(prefix.count - 1)),
        kill(process, 0) != 0, errno == ESRCH
      else { continue }
      remove("\(parent)/\(name)")
    }
  }

  private static func remove(_ directory: String) {
    for name in names(in: directory) { unlink("\(directory)/\(name)") }
    rmdir(directory)
  }

  private static func names(in directory: String) -> [String] {
    guard let stream = opendir(directory) else { return [] }
    defer { closedir(stream) }
    var names: [String] = []
    while let entry = readdir(stream) {
      let name = withUnsafePointer(to: entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }
}

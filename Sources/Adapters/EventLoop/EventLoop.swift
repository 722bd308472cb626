import CLinux
import Engine
package import FleetModel
import Glibc
import Synchronization

/// One thread over epoll that runs sockets, timers, and the actors and tasks bound to it.
///
/// An actor binds itself with
/// `nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }`
/// and may then use `assumeIsolated` inside every callback of the loop. A body that blocks stops
/// everything on the loop.
///
/// Unchecked, because what is below the line "the loop's thread only" is guarded by `requireLoop`
/// at every door instead of by a lock.
package final class EventLoop: SerialExecutor, TaskExecutor, EngineHost, @unchecked Sendable {
  /// Jobs run between two looks at the sockets, so that jobs that make jobs starve nobody.
  package static let jobsPerTurn = 128
  /// Events taken from the kernel at once.
  package static let eventsPerTurn = 256

  private struct Registration {
    var generation: UInt32
    var interest: Interest
    var handler: @Sendable (Readiness) -> Void
  }

  private struct Mailbox {
    var items: [JobQueue.Item] = []
    var wakeIsPending = false
  }

  private let name: String
  private let poller: Int32
  private let wake: Int32
  private let mailbox = Mutex(Mailbox())
  /// `pthread_self` of the running loop, 0 before and after.
  private let threadID = Atomic<UInt>(0)
  private let thread = Mutex<pthread_t?>(nil)

  // The loop's thread only.
  private var isStopping = false
  private var queue = JobQueue()
  private var timers = DeadlineHeap()
  private var alarm: (deadline: Instant, body: @Sendable () -> Void)?
  private var registrations: [Registration?] = []
  private var lastGeneration: UInt32 = 0

  /// - Parameter name: the thread's name in process listings, cut to 15 bytes.
  package init(name: String) {
    self.name = String(name.prefix(15))
    poller = epoll_create1(Int32(EPOLL_CLOEXEC))
    precondition(poller >= 0, "epoll_create1 failed: errno \(errno)")
    wake = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    precondition(wake >= 0, "eventfd failed: errno \(errno)")
    var event = epoll_event(events: EPOLLIN.rawValue, data: epoll_data_t(u64: UInt64.max))
    let added = epoll_ctl(poller, EPOLL_CTL_ADD, wake, &event)
    precondition(added == 0, "the wake-up descriptor must be pollable: errno \(errno)")
  }

  deinit {
    close(poller)
    close(wake)
  }

  // MARK: Any thread

  /// Spawns the thread. SIGPIPE is ignored in the whole process from here on.
  package func start() {
    signal(SIGPIPE, SIG_IGN)
    thread.withLock { thread in
      precondition(thread == nil, "a loop is started once")
      var created = pthread_t()
      let status = pthread_create(
        &created, nil,
        { context in
          guard let context else { preconditionFailure("the thread is given its loop") }
          Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue().turnUntilStopped()
          return nil
        }, Unmanaged.passRetained(self).toOpaque())
      precondition(status == 0, "no thread to be had: error \(status)")
      thread = created
    }
  }

  /// Ends the thread after what was enqueued before, and waits for it; not from its own thread.
  /// What is enqueued later never runs.
  package func stop() {
    precondition(!isCurrent, "a loop cannot wait for its own end")
    guard let thread = thread.withLock({ $0.take() }) else { return }
    run { self.isStopping = true }
    pthread_join(thread, nil)
  }

  /// CLOCK_MONOTONIC.
  package var now: Instant {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// CLOCK_REALTIME.
  package var wallClock: Timestamp {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(
      millisecondsSinceEpoch: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
  }

  package var executor: any TaskExecutor & SerialExecutor { self }

  /// Whether the caller runs on the loop's thread.
  package var isCurrent: Bool {
    threadID.load(ordering: .relaxed) == UInt(pthread_self())
  }

  /// Runs `body` on the loop's thread, never inside this call; in order for each calling thread.
  package func run(_ body: @escaping @Sendable () -> Void) { post(.body(body)) }

  package func enqueue(_ job: consuming ExecutorJob) { post(.job(UnownedJob(job))) }

  package func asUnownedSerialExecutor() -> UnownedSerialExecutor {
    UnownedSerialExecutor(ordinary: self)
  }

  package func checkIsolated() {
    precondition(isCurrent, "this must run on the event loop \(name)")
  }

  package func isIsolatingCurrentContext() -> Bool? { isCurrent }

  package func setAlarm(at instant: Instant?, _ body: @escaping @Sendable () -> Void) {
    guard isCurrent else {
      run { self.setAlarm(at: instant, body) }
      return
    }
    alarm = instant.map { ($0, body) }
  }

  private func post(_ item: JobQueue.Item) {
    if isCurrent {
      queue.append(item)
      return
    }
    let mustWake = mailbox.withLock { mailbox in
      mailbox.items.append(item)
      defer { mailbox.wakeIsPending = true }
      return !mailbox.wakeIsPending
    }
    if mustWake { eventfd_write(wake, 1) }
  }

  // MARK: The loop's thread only

  /// Starts telling `handler` about a descriptor, which must be non-blocking and not yet watched.
  /// `unwatch` it before closing it.
  package func watch(
    _ fd: Int32, for interest: Interest, _ handler: @escaping @Sendable (Readiness) -> Void
  ) {
    requireLoop()
    let index = Int(fd)
    while registrations.count <= index { registrations.append(nil) }
    precondition(registrations[index] == nil, "descriptor \(fd) is watched already")
    lastGeneration &+= 1
    registrations[index] = Registration(
      generation: lastGeneration, interest: interest, handler: handler)
    control(EPOLL_CTL_ADD, fd, interest, lastGeneration)
  }

  /// Changes what a watched descriptor's handler is told of.
  package func change(_ fd: Int32, to interest: Interest) {
    requireLoop()
    guard var registration = registrations[Int(fd)] else {
      preconditionFailure("descriptor \(fd) is not watched")
    }
    guard registration.interest != interest else { return }
    registration.interest = interest
    registrations[Int(fd)] = registration
    control(EPOLL_CTL_MOD, fd, interest, registration.generation)
  }

  /// Ends the watch: no event comes after this, not even one the kernel already reported.
  package func unwatch(_ fd: Int32) {
    requireLoop()
    precondition(registrations[Int(fd)] != nil, "descriptor \(fd) is not watched")
    registrations[Int(fd)] = nil
    var unused = epoll_event()
    epoll_ctl(poller, EPOLL_CTL_DEL, fd, &unused)
  }

  /// Runs `body` at the instant, up to 1 ms late, or in the next turn when it has passed.
  package func schedule(at instant: Instant, _ body: @escaping @Sendable () -> Void) -> TimerToken {
    requireLoop()
    return timers.insert(at: instant, body)
  }

  /// Takes a timer back; one that fired already is ignored.
  package func cancel(_ token: TimerToken) {
    requireLoop()
    timers.cancel(token)
  }

  private func requireLoop() { precondition(isCurrent, "only on the event loop's own thread") }

  private func control(_ operation: Int32, _ fd: Int32, _ interest: Interest, _ generation: UInt32)
  {
    let tag = UInt64(generation) << 32 | UInt64(UInt32(bitPattern: fd))
    var event = epoll_event(events: interest.epollBits, data: epoll_data_t(u64: tag))
    let status = epoll_ctl(poller, operation, fd, &event)
    precondition(status == 0, "descriptor \(fd) cannot be polled: errno \(errno)")
  }

  private func turnUntilStopped() {
    threadID.store(UInt(pthread_self()), ordering: .relaxed)
    clinux_name_thread(name)
    let events = UnsafeMutableBufferPointer<epoll_event>.allocate(capacity: Self.eventsPerTurn)
    defer { events.deallocate() }
    while !isStopping {
      let count = epoll_wait(
        poller, events.baseAddress, Int32(events.count), pollTimeout())
      precondition(count >= 0 || errno == EINTR, "epoll_wait failed: errno \(errno)")
      for event in events.prefix(max(0, Int(count))) { deliver(event) }
      fireTimers()
      runJobs()
    }
    threadID.store(0, ordering: .relaxed)
  }

  /// Milliseconds for epoll_wait, rounded up so that no timer makes it return early and spin.
  private func pollTimeout() -> Int32 {
    guard queue.isEmpty else { return 0 }
    let never = Instant(nanoseconds: .max)
    let deadline = min(timers.nextDeadline() ?? never, alarm?.deadline ?? never)
    guard deadline < never else { return -1 }
    let wait = (deadline - now).nanoseconds
    return wait <= 0 ? 0 : Int32(min((wait + 999_999) / 1_000_000, 3_600_000))
  }

  private func deliver(_ event: epoll_event) {
    let tag = event.data.u64
    guard tag != UInt64.max else {
      var count: eventfd_t = 0
      eventfd_read(wake, &count)
      let items = mailbox.withLock { mailbox in
        mailbox.wakeIsPending = false
        return mailbox.items.takeAll()
      }
      queue.append(contentsOf: items)
      return
    }
    // An earlier handler of this turn may have closed this descriptor, and opened another with
    // the same number.
    guard let registration = registrations[Int(tag & 0xffff_ffff)],
      registration.generation == UInt32(tag >> 32)
    else { return }
    registration.handler(Readiness(epollBits: event.events))
  }

  private func fireTimers() {
    guard alarm != nil || timers.count > 0 else { return }
    let now = now
    if let due = alarm, due.deadline <= now {
      alarm = nil
      due.body()
    }
    for _ in 0..<timers.count {
      guard let body = timers.popDue(at: now) else { return }
      body()
    }
  }

  private func runJobs() {
    for _ in 0..<Self.jobsPerTurn {
      guard !isStopping, let item = queue.popFirst() else { return }
      switch item {
      case .job(let job):
        job.runSynchronously(
          isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
      case .body(let body): body()
      }
    }
  }
}

extension Array {
  /// Hands over the contents and starts afresh.
  fileprivate mutating func takeAll() -> [Element] {
    var taken: [Element] = []
    swap(&taken, &self)
    return taken
  }
}

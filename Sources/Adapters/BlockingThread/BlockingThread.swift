import CLinux
import Glibc
import Synchronization

/// A thread that runs the jobs of one actor, first come, first served: libsqlite3 and libhiredis
/// block, and must block nobody else.
///
/// The thread lives until `stop`, which the actor's `deinit` calls; no job can come after that.
final class BlockingThread: SerialExecutor {
  private struct State {
    var jobs: [UnownedJob] = []
    var isStopping = false
  }

  private let state = Mutex(State())
  private let wake = WakeUp()

  init() {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { pthread_attr_destroy(&attributes) }
    var thread = pthread_t()
    let result = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        Unmanaged<BlockingThread>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    precondition(result == 0, "the system gives this process one more thread")
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let unowned = UnownedJob(job)
    state.withLock { $0.jobs.append(unowned) }
    wake.post()
  }

  func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }

  func stop() {
    state.withLock { $0.isStopping = true }
    wake.post()
  }

  private func run() {
    var everySignal = sigset_t()
    sigfillset(&everySignal)
    pthread_sigmask(SIG_BLOCK, &everySignal, nil)
    let executor = asUnownedSerialExecutor()
    while true {
      wake.wait()
      let (jobs, isStopping) = state.withLock { state in
        defer { state.jobs.removeAll(keepingCapacity: true) }
        return (state.jobs, state.isStopping)
      }
      for job in jobs { job.runSynchronously(on: executor) }
      if isStopping { return }
    }
  }
}

/// A POSIX semaphore.
///
/// Unchecked because the pointer is written once and `sem_t` is made to be shared by threads.
private final class WakeUp: @unchecked Sendable {
  private let semaphore: UnsafeMutablePointer<sem_t>

  init() {
    semaphore = .allocate(capacity: 1)
    sem_init(semaphore, 0, 0)
  }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func post() { sem_post(semaphore) }

  /// Returns after a post; a signal may make it return early, which the loop bears.
  func wait() { sem_wait(semaphore) }
}

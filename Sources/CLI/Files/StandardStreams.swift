import Glibc

/// The three descriptors every process is born with.
enum StandardStreams {
  /// Takes those that were closed before the program began, so that no socket gets their number
  /// and is written to as if it were standard output. They fail as closed ones do.
  static func occupy() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY)
    }
  }
}

import Glibc

/// Why a figure could not be taken.
enum BenchmarkError: Error, CustomStringConvertible {
  /// A call of the operating system failed.
  case system(String, Int32)
  case missingProgram(String)
  case neverHappened(String)
  /// A program under measurement ended, with the end of what it said.
  case ended(String, String)
  case unknownBenchmark(String, known: [String])

  var description: String {
    switch self {
    case .system(let what, let code): "\(what): \(String(cString: strerror(code)))"
    case .missingProgram(let path): "\(path) is missing; run make bench"
    case .neverHappened(let what): "waited in vain for \(what)"
    case .ended(let what, let words): "\(what) ended: \(words)"
    case .unknownBenchmark(let name, let known):
      "no benchmark is called '\(name)'; there are \(known.joined(separator: ", "))"
    }
  }
}

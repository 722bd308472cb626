import Foundation
import Glibc

/// What is fuzzed, by the name in the variable `FUZZ_TARGET`.
private enum FuzzTarget: String {
  case eventStream = "EventStream"
  case envelope = "Envelope"
  case configuration = "Configuration"

  static let chosen: FuzzTarget = {
    let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
      preconditionFailure("FUZZ_TARGET must be EventStream, Envelope or Configuration")
    }
    return target
  }()

  func complaint(about input: [UInt8]) -> String? {
    switch self {
    case .eventStream: EventStreamJudge(input).complaint()
    case .envelope: EnvelopeJudge(input).complaint()
    case .configuration: ConfigurationJudge(input).complaint()
    }
  }
}

@_cdecl("mcpdash_fuzz")
func judge(_ start: UnsafePointer<UInt8>?, _ count: Int) {
  let input = Array(UnsafeBufferPointer(start: start, count: count))
  guard let complaint = FuzzTarget.chosen.complaint(about: input) else { return }
  // An optimised build does not say why it stops.
  print("complaint: \(complaint)")
  fflush(nil)
  preconditionFailure("the input above breaks a rule")
}

import FleetModel

/// What a start found in the spill's file and gives to the store; it stays in the file until the
/// store has all of it.
struct RestoredLetters {
  var lines: Set<[UInt8]> = []
  var ids: Set<DeadLetterID> = []
}

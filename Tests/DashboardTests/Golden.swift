import Foundation
import TerminalUI
import Testing

@testable import Dashboard

/// Compares a frame with the picture kept beside the tests; `UPDATE_GOLDEN=1` keeps the new one.
///
/// `NAME.txt` has the signs; `NAME.roles.txt` a letter for each cell's role, large where selected.
func expectGolden(
  _ canvas: Canvas, _ name: String, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  for (plane, suffix) in [(glyphPlane(canvas), "txt"), (rolePlane(canvas), "roles.txt")] {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Golden/\(name).\(suffix)")
    if ProcessInfo.processInfo.environment["UPDATE_GOLDEN"] == "1" {
      try plane.write(to: file, atomically: true, encoding: .utf8)
      continue
    }
    let kept = try String(contentsOf: file, encoding: .utf8)
    let difference = firstDifference(kept, plane)
    #expect(difference == nil, "\(name).\(suffix)", sourceLocation: sourceLocation)
  }
}

private func firstDifference(_ kept: String, _ drawn: String) -> String? {
  let (old, new) = (kept.split(separator: "\n"), drawn.split(separator: "\n"))
  for row in 0..<max(old.count, new.count) {
    let before = row < old.count ? old[row] : "nothing"
    let after = row < new.count ? new[row] : "nothing"
    if before != after { return "row \(row)\nkept:  \(before)\ndrawn: \(after)" }
  }
  return nil
}

func glyphPlane(_ canvas: Canvas) -> String {
  plane(canvas) { $0.isContinuation ? nil : Character($0.scalar) }
}

private func rolePlane(_ canvas: Canvas) -> String {
  plane(canvas) { cell in
    let letter = roleLetters[cell.role] ?? "?"
    return cell.isSelected ? Character(letter.uppercased()) : letter
  }
}

private func plane(_ canvas: Canvas, _ sign: (Cell) -> Character?) -> String {
  (0..<canvas.size.rows).map { row in
    var line = String(
      (0..<canvas.size.columns).compactMap { sign(canvas[$0, row]) })
    while line.last == " " || line.last == "." { line.removeLast() }
    return line + "\n"
  }.joined()
}

private let roleLetters: [Role: Character] = {
  let letters = ".mtbfakowgihslnuecdpqrxzy"
  return Dictionary(uniqueKeysWithValues: zip(Role.allCases, letters))
}()

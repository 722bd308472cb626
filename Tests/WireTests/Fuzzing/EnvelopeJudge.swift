import FleetModel
import Foundation

@testable import Wire

/// What must hold of the reader of messages, whatever the bytes: it accepts what the grammar
/// accepts, and what it finds is where it says.
struct EnvelopeJudge {
  /// Small, so that they are reached.
  static let limits = JSONLimits(byteLimit: 4000, depthLimit: 20)
  /// Members and elements that are looked at in one container, and levels below each other: every
  /// look scans anew.
  private static let breadth = 99
  private static let depth = 4

  let bytes: [UInt8]
  private var complaints: [String] = []

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// What is wrong; nil when all is right.
  func complaint() -> String? {
    var judge = self
    judge.judge()
    return judge.complaints.first
  }

  private mutating func expect(_ isRight: Bool, _ complaint: String) {
    if !isRight { complaints.append(complaint) }
  }

  private mutating func judge() {
    // Unchecked bytes are answered with nonsense at worst.
    let found = everything(in: JSONView(trusted: JSONText(unchecked: bytes)), depth: 0)
    _ = Classification.rpcAnswer(in: bytes, id: 7)
    do throws(JSONError) {
      let view = try JSONView(bytes, limits: Self.limits)
      expect(grammarAccepts, "the reader accepts what the grammar refuses")
      expect(everything(in: view, depth: 0) == found, "table and scan see different members")
      check(view)
    } catch {
      switch error {
      case .tooLarge(let limit):
        expect(bytes.count > limit && limit == Self.limits.byteLimit, "a wrong size limit")
      case .tooDeep(let limit): expect(limit == Self.limits.depthLimit, "a wrong depth limit")
      case .malformed(let reason):
        expect(!grammarAccepts, "the reader refuses what the grammar accepts: \(reason)")
      }
    }
  }

  private var grammarAccepts: Bool {
    let document = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    return String(validating: bytes, as: UTF8.self) != nil
      && JSONGrammar.accepts(document, depthLimit: Self.limits.depthLimit)
  }

  private mutating func check(_ view: JSONView) {
    let own = view.json.bytes
    expect(Array(bytes[view.position]) == own, "the value is not the bytes at its place")
    // A second reading of what was found finds the same.
    expect((try? JSONView(own, limits: Self.limits))?.json.bytes == own, "read again it is another")
    checkFoundation(own, view)
    for message in (try? RPCMessage.all(in: view)) ?? [] { check(message) }
  }

  /// Foundation reads what we read, or refuses it: numbers beyond a double, half surrogate pairs.
  /// From a key it takes byte order marks away.
  private mutating func checkFoundation(_ own: [UInt8], _ view: JSONView) {
    guard view.kind == .object,
      !view.members.contains(where: { $0.key.unicodeScalars.contains("\u{FEFF}") }),
      let object = try? JSONSerialization.jsonObject(with: Data(own)) as? [String: Any]
    else { return }
    expect(Set(object.keys) == Set(view.members.map(\.key)), "Foundation sees other keys")
  }

  private mutating func check(_ message: RPCMessage) {
    switch message {
    case .request(let id, _, let params):
      checkPart(id)
      if let params { checkPart(params.json) }
    case .notification(_, let params): if let params { checkPart(params.json) }
    case .response(let id, let answer):
      if let id { checkPart(id) }
      switch answer {
      case .error(let error): if let data = error.data { checkPart(data) }
      case .result(let result):
        checkPart(result.json)
        _ = Classification.reply(to: answer, httpStatus: nil)
      }
    }
  }

  private mutating func checkPart(_ json: JSONText) {
    expect((try? JSONView(json)) != nil, "a part of a good message is no JSON")
  }

  /// All that a view gives, as text.
  private func everything(in view: JSONView, depth: Int) -> [String] {
    var found = [view.json.text, view.string ?? "", "\(view.int ?? 0)", "\(view.isEmpty)"]
    guard depth < Self.depth else { return found }
    for member in view.members.prefix(Self.breadth) {
      found += [member.key, view.member(member.key)?.json.text ?? "not found by its key"]
      found += everything(in: member.value, depth: depth + 1)
    }
    for element in view.elements.prefix(Self.breadth) {
      found += everything(in: element, depth: depth + 1)
    }
    return found
  }
}

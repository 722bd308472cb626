import CSimdjson

/// A whole document as one pass over its bytes leaves it: checked, and its members found.
struct JSONDocument {
  /// Members that are found; of a document with more none is, and whoever asks scans for them.
  /// Enough for any JSON-RPC message: its own, and those of `params`, `result` or `error`.
  static let memberLimit = 48

  /// The root value, without byte order mark and white space around it.
  let range: Range<Int>
  let members: JSONMemberTable

  init(reading bytes: [UInt8], limits: JSONLimits) throws(JSONError) {
    guard bytes.count <= limits.byteLimit else {
      throw .tooLarge(byteLimit: limits.byteLimit)
    }
    var document = csimdjson_document()
    let entries = [csimdjson_member](
      unsafeUninitializedCapacity: Self.memberLimit
    ) { buffer, count in
      document = bytes.withUnsafeBufferPointer {
        csimdjson_read(
          $0.baseAddress, $0.count, max(0, limits.depthLimit), buffer.baseAddress, buffer.count)
      }
      count = Int(document.member_count)
    }
    guard document.code == csimdjson_ok else { throw Self.error(document, limits) }
    range = Int(document.value_start)..<Int(document.value_end)
    members = document.has_all_members == 0 ? .unknown : JSONMemberTable(root: entries)
  }

  private static func error(_ document: csimdjson_document, _ limits: JSONLimits) -> JSONError {
    func malformed(_ reason: String) -> JSONError {
      .malformed(reason: "\(reason) at byte \(document.place)")
    }
    return switch Int(document.code) {
    case csimdjson_too_deep: .tooDeep(depthLimit: min(limits.depthLimit, csimdjson_depth_limit))
    case csimdjson_too_large: .tooLarge(byteLimit: limits.byteLimit)
    case csimdjson_no_memory: .malformed(reason: "there is no memory to read it")
    case csimdjson_empty: .malformed(reason: "it is empty")
    case csimdjson_not_utf8: .malformed(reason: "it is not UTF-8")
    case csimdjson_open_string: .malformed(reason: "a string is not closed")
    case csimdjson_raw_control: .malformed(reason: "a raw control character in a string")
    case csimdjson_bad_escape: malformed("a bad escape")
    case csimdjson_bad_number: malformed("a bad number")
    case csimdjson_no_value: malformed("a value is missing")
    case csimdjson_no_key: malformed("a key is missing")
    case csimdjson_no_colon: malformed("a colon is missing")
    case csimdjson_no_separator: malformed("a comma or bracket is missing")
    case csimdjson_trailing_text: malformed("text after the end")
    default: malformed("no value")
    }
  }
}

/// Where the members of an object are, if the pass over the document found them.
struct JSONMemberTable: Sendable {
  /// Nothing was found; this says nothing about what is there.
  static let unknown = JSONMemberTable(entries: [], first: 0, depth: 0)

  /// Of the whole document.
  private let entries: [csimdjson_member]
  private let first: Int32
  /// 1 for the root object, 2 for an object in it; 0 when nothing is known.
  private let depth: Int32

  init(root entries: [csimdjson_member]) { self.init(entries: entries, first: 0, depth: 1) }

  private init(entries: [csimdjson_member], first: Int32, depth: Int32) {
    (self.entries, self.first, self.depth) = (entries, first, depth)
  }

  var isKnown: Bool { depth > 0 }

  /// Where a walk over the members begins, in the order written.
  var start: Int { Int(first) }

  /// The number of the first member at or after the place whose key, quotes included, is wanted.
  func firstMember(from place: Int, where isWanted: (Range<Int>) -> Bool) -> Int? {
    entries.withUnsafeBufferPointer { entries in
      var index = place
      while index < entries.count, entries[index].depth >= depth {
        let entry = entries[index]
        if entry.depth == depth, isWanted(Int(entry.key_start)..<Int(entry.key_end)) {
          return index
        }
        index += 1
      }
      return nil
    }
  }

  func key(_ number: Int) -> Range<Int> {
    Int(entries[number].key_start)..<Int(entries[number].key_end)
  }

  func value(_ number: Int) -> Range<Int> {
    Int(entries[number].value_start)..<Int(entries[number].value_end)
  }

  /// The members of a member that is an object.
  func members(of number: Int) -> JSONMemberTable {
    guard depth == 1 else { return .unknown }
    return JSONMemberTable(entries: entries, first: Int32(number) + 1, depth: 2)
  }
}

/// Words in commands that an operator may copy.
package enum ShellWord {
  /// No shell takes it for more than a word, nor a program for a flag.
  package static func isPlain(_ text: String) -> Bool {
    !text.isEmpty && !text.hasPrefix("-")
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"):
          true
        default: "._-:/@+".utf8.contains(byte)
        }
      }
  }

  /// As it can be pasted.
  package static func quoted(_ text: String) -> String {
    isPlain(text) ? text : "'" + text.replacing("'", with: #"'\''"#) + "'"
  }
}

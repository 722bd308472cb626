import Foundation
import Testing

@testable import CLI

/// What follows from the one table.
struct FlagTableTests {
  private static let texts: [(String, String)] = [
    ("man", ManualPage.text(version: "1.0").replacing("\\-", with: "-")),
    ("bash", Completions.script(for: .bash)), ("zsh", Completions.script(for: .zsh)),
    ("fish", Completions.script(for: .fish).replacing(" -l ", with: " --")),
    (
      "help",
      HelpText.program()
        + HelpText.commands(CommandName.allCases)
    ),
  ]

  @Test(arguments: texts)
  func `every flag appears in help, manual and completions`(name: String, text: String) {
    for flag in FlagTable.all { #expect(text.contains("--" + flag.long)) }
  }

  @Test(arguments: texts)
  func `every word of every command appears in help, manual and completions`(
    name: String, text: String
  ) {
    for word in CommandName.allCases.flatMap(\.words) { #expect(text.contains(word)) }
  }

  @Test func `every exit status appears in help and manual`() {
    for status in ExitStatus.allCases {
      #expect(HelpText.program().contains("  \(status.rawValue)  "))
      #expect(ManualPage.text(version: "").contains(".TP\n\(status.rawValue)\n"))
    }
  }

  @Test func `every variable appears in help and manual`() {
    let help = HelpText.program() + HelpText.commands(CommandName.allCases)
    for variable in FlagTable.all.compactMap(\.environment) {
      #expect(help.contains("[\(variable)]"))
      #expect(ManualPage.text(version: "").contains(".B \(variable)\n"))
    }
  }

  @Test func `no line of help is too wide`() {
    let text = HelpText.program() + HelpText.commands(CommandName.allCases)
    for line in text.split(separator: "\n") {
      #expect(line.count <= HelpText.width)
      #expect(!line.hasSuffix(" "))
    }
  }

  @Test func `no two flags of one command share a spelling`() {
    #expect(Set(FlagTable.all.map(\.long)).count == FlagTable.all.count)
    for command in CommandName.allCases {
      let shorts = (FlagTable.flags(of: command) + FlagTable.global).compactMap(\.short)
      #expect(Set(shorts).count == shorts.count)
    }
  }

  @Test func `a spelling takes a value everywhere or nowhere`() {
    // Completions and the search for the command's words rely on it.
    for flag in FlagTable.all {
      for other in FlagTable.all where other.short == flag.short && flag.short != nil {
        #expect((other.value == .none) == (flag.value == .none))
      }
    }
  }

  @Test(arguments: CommandName.allCases)
  func `every flag of a command is parsed there`(command: CommandName) throws {
    for flag in FlagTable.flags(of: command) + FlagTable.global {
      let operands = command.operands.map(\.text)
      let value = flag.value == .none ? [] : ["7"]
      let spellings = ["--" + flag.long] + (flag.short.map { ["-\($0)"] } ?? [])
      for spelling in spellings {
        let line = try CommandLineParser.parse(
          [spelling] + value + command.words + operands)
        #expect(line.command == command)
        #expect(line.values(flag.long) == (flag.value == .none ? [""] : ["7"]))
        #expect(line.operands == operands)
      }
    }
  }

  @Test func `the bash script is one that bash understands`() throws {
    let bash = Process()
    bash.executableURL = URL(filePath: "/bin/bash")
    let script =
      Completions.script(for: .bash) + """

        try() {
          COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _mcpdash
          echo "${COMPREPLY[*]}"
        }
        try mcpdash sn
        try mcpdash --config x breaker ''
        try mcpdash snapshot --format ''
        try mcpdash dlq replay --fo
        try mcpdash call a --ti
        try mcpdash completions ''
        """
    bash.arguments = ["-u", "-c", script]
    let output = Pipe()
    bash.standardOutput = output
    try bash.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    bash.waitUntilExit()
    #expect(bash.terminationStatus == 0)
    let lines = text.split(separator: "\n").map(String.init)
    try #require(lines.count == 6)
    #expect(
      lines[0..<5] == [
        "snapshot", "list open close disable reset", "json text prometheus", "--force", "--timeout",
      ])
    #expect(lines[5].hasPrefix("bash zsh fish --config"))
  }

  @Test func `the manual page in docs is the one the program prints`() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let page = try String(
      contentsOf: root.appending(path: "docs/man/mcpdash.1"), encoding: .utf8)
    #expect(
      page == ManualPage.text(version: ProgramVersion.text),
      "run: swift run mcpdash man > docs/man/mcpdash.1")
  }
}

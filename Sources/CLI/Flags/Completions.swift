/// Completion scripts, from the tables.
enum Completions {
  static func script(for shell: Invocation.Shell) -> String {
    switch shell {
    case .bash: bash()
    case .zsh: zsh()
    case .fish: fish()
    }
  }

  /// What may come after the words given so far: words, then flags.
  private struct Step {
    var words: [String]
    var choices: [(word: String, help: String)]
  }

  private static func steps() -> [Step] {
    var steps = [Step(words: [], choices: firstWords + flags(everywhere))]
    for first in CommandName.firstWords {
      let seconds = CommandName.secondWords(after: first)
      guard !seconds.isEmpty else { continue }
      let choices = seconds.compactMap { second in
        CommandName(rawValue: "\(first) \(second)").map { (second, $0.summary) }
      }
      steps.append(Step(words: [first], choices: choices))
    }
    for command in CommandName.allCases where command != .dashboard {
      let own = command == .completions ? Invocation.Shell.allCases.map { ($0.rawValue, "") } : []
      steps.append(
        Step(
          words: command.words,
          choices: own
            + flags(FlagTable.flags(of: command) + everywhere)))
    }
    return steps
  }

  private static var firstWords: [(String, String)] {
    CommandName.firstWords.map { first in
      let command = CommandName(rawValue: first)
      let seconds = CommandName.secondWords(after: first).joined(separator: ", ")
      return (first, command?.summary ?? seconds)
    }
  }

  private static let everywhere = FlagTable.global + FlagTable.discovery

  private static func flags(_ flags: [Flag]) -> [(String, String)] {
    flags.map { ("--" + $0.long, $0.help) }
  }

  private static func spellings(_ flag: Flag) -> [String] {
    (flag.short.map { ["-\($0)"] } ?? []) + ["--" + flag.long]
  }

  private static var flagsWithValue: [Flag] { FlagTable.all.filter { $0.value != .none } }

  // MARK: - Bash

  private static func bash() -> String {
    let skips = flagsWithValue.flatMap(spellings).joined(separator: "|")
    let values = flagsWithValue.map { flag in
      let words: String =
        switch flag.value {
        case .file: "COMPREPLY=($(compgen -f -- \"$cur\"))"
        case .directory: "COMPREPLY=($(compgen -d -- \"$cur\"))"
        case .choice(_, let words):
          "COMPREPLY=($(compgen -W '\(words.joined(separator: " "))' -- \"$cur\"))"
        case .none, .text, .server, .seconds, .count, .number: ":"
        }
      return "    \(spellings(flag).joined(separator: "|"))) \(words); return ;;"
    }
    let cases = steps().map { step in
      let words = step.words.joined(separator: " ")
      let isEnd = CommandName(rawValue: words) != nil && !words.isEmpty
      let pattern = isEnd ? "'\(words)'|'\(words) '*" : "'\(words)'"
      return "    \(pattern)) choices='\(step.choices.map(\.word).joined(separator: " "))' ;;"
    }
    return """
      # bash completion for mcpdash; made by 'mcpdash completions bash'
      _mcpdash() {
        local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}
        local given='' choices='' i
        for ((i = 1; i < COMP_CWORD; i++)); do
          case ${COMP_WORDS[i]} in
            \(skips)) ((i++)) ;;
            -*) ;;
            *) given+="${given:+ }${COMP_WORDS[i]}" ;;
          esac
        done
        case $prev in
      \(values.joined(separator: "\n"))
        esac
        case $given in
      \(cases.joined(separator: "\n"))
        esac
        COMPREPLY=($(compgen -W "$choices" -- "$cur"))
      }
      complete -F _mcpdash mcpdash

      """
  }

  // MARK: - Zsh

  private static func zsh() -> String {
    let skips = flagsWithValue.flatMap(spellings).joined(separator: "|")
    let values = flagsWithValue.map { flag in
      let words: String =
        switch flag.value {
        case .file: "_files"
        case .directory: "_files -/"
        case .choice(_, let words): "compadd " + words.joined(separator: " ")
        case .none, .text, .server, .seconds, .count, .number: ":"
        }
      return "  (\(spellings(flag).joined(separator: "|"))) \(words); return ;;"
    }
    let cases = steps().map { step in
      let words = step.words.joined(separator: " ")
      let isEnd = CommandName(rawValue: words) != nil && !words.isEmpty
      let pattern = isEnd ? "'\(words)'|'\(words) '*" : "'\(words)'"
      let choices = step.choices.map { choice in
        let help = choice.help.replacing(":", with: "\\:").replacing("'", with: "'\\''")
        return help.isEmpty ? "'\(choice.word)'" : "'\(choice.word):\(help)'"
      }
      return "  (\(pattern)) choices=(\n    \(choices.joined(separator: "\n    "))\n  ) ;;"
    }
    return """
      #compdef mcpdash
      # zsh completion for mcpdash; made by 'mcpdash completions zsh'
      local -a given choices
      local word skip=0
      for word in ${words[2,CURRENT-1]}; do
        if (( skip )); then
          skip=0
          continue
        fi
        case $word in
          (\(skips)) skip=1 ;;
          (-*) ;;
          (*) given+=($word) ;;
        esac
      done
      case ${words[CURRENT-1]} in
      \(values.joined(separator: "\n"))
      esac
      case "${given[*]}" in
      \(cases.joined(separator: "\n"))
      esac
      _describe mcpdash choices

      """
  }

  // MARK: - Fish

  private static func fish() -> String {
    func quoted(_ text: String) -> String {
      "'" + text.replacing("\\", with: "\\\\").replacing("'", with: "\\'") + "'"
    }
    func condition(_ words: [String]) -> String {
      words.map { "__fish_seen_subcommand_from \($0)" }.joined(separator: "; and ")
    }
    func line(_ flag: Flag, _ condition: String?) -> String {
      let value: String =
        switch flag.value {
        case .none: ""
        case .file, .directory: " -r -F"
        case .choice(_, let words): " -x -a \(quoted(words.joined(separator: " ")))"
        case .text, .server, .seconds, .count, .number: " -x"
        }
      return "complete -c mcpdash" + (condition.map { " -n " + quoted($0) } ?? "")
        + (flag.short.map { " -s \($0)" } ?? "") + " -l \(flag.long)\(value) -d "
        + quoted(flag.help)
    }
    var lines = [
      "# fish completion for mcpdash; made by 'mcpdash completions fish'",
      "complete -c mcpdash -f",
    ]
    for (word, help) in firstWords {
      lines.append(
        "complete -c mcpdash -n __fish_use_subcommand -a \(word) -d \(quoted(help))")
      let seconds = CommandName.secondWords(after: word)
      let unset =
        condition([word]) + "; and not __fish_seen_subcommand_from "
        + seconds.joined(separator: " ")
      for second in seconds {
        let summary = CommandName(rawValue: "\(word) \(second)")?.summary ?? ""
        lines.append(
          "complete -c mcpdash -n \(quoted(unset)) -a \(second) -d \(quoted(summary))")
      }
    }
    let shells = Invocation.Shell.allCases.map(\.rawValue).joined(separator: " ")
    lines.append(
      "complete -c mcpdash -n \(quoted(condition(["completions"]))) -a \(quoted(shells))")
    lines += everywhere.map { line($0, nil) }
    for command in CommandName.allCases where command != .dashboard {
      lines += FlagTable.flags(of: command).map { line($0, condition(command.words)) }
    }
    return lines.joined(separator: "\n") + "\n"
  }
}

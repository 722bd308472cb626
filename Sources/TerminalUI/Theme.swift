/// How every role looks, and which signs the screen is drawn with.
package struct Theme: Hashable, Sendable {
  package let name: String
  package let glyphs: Glyphs.Kind
  /// One for each role, in the order of `Role.allCases`.
  private let styles: [Style]
  private let selection: Style

  package init(name: String, glyphs: Glyphs.Kind = .unicode, looks: ThemeLooks) {
    self.name = name
    self.glyphs = glyphs
    styles = Role.allCases.map { looks.style(of: $0) }
    selection = looks.style(of: .selection)
  }

  /// The look of a cell; on the selected row the selection's colours win over the role's, and the
  /// attributes of both hold, but nothing there is dim.
  package func style(of role: Role, isSelected: Bool = false) -> Style {
    let style = styles[role.index]
    guard isSelected else { return style }
    return Style(
      foreground: selection.foreground, background: selection.background,
      attributes: style.attributes.subtracting(.dim).union(selection.attributes))
  }
}

extension Role {
  /// Where the role stands in `allCases`.
  fileprivate var index: Int { Self.places[self] ?? 0 }

  private static let places = Dictionary(
    uniqueKeysWithValues: allCases.enumerated().map { ($1, $0) })

  /// Whose colour a role takes when the theme gives it none; nil ends at `fg`.
  var parent: Role? {
    switch self {
    case .fg: nil
    case .muted, .title, .accent, .ok, .warn, .bad, .info, .selection: .fg
    case .border, .header, .meterEmpty, .logInfo: .muted
    case .borderFocus, .key: .accent
    case .graphLow, .breakerClosed: .ok
    case .graphMid, .breakerHalf, .logWarning, .healthDisagreement: .warn
    case .graphHigh, .breakerOpen, .logError, .dialogDanger: .bad
    }
  }
}

/// What a theme says of its roles, with gaps.
package struct ThemeLooks: Hashable, Sendable {
  /// One value of a theme file: a colour, attributes, or both.
  package struct Look: Hashable, Sendable {
    package var color: Style.Color?
    package var attributes: Style.Attributes

    package init(color: Style.Color?, attributes: Style.Attributes = []) {
      self.color = color
      self.attributes = attributes
    }
  }

  package var background: Look?
  package var selectionBackground: Look?
  package var roles: [Role: Look] = [:]

  package init() {}

  /// A role without a look has its parent's; a look without a colour takes the parent's colour.
  /// A selection nobody described is drawn in reverse.
  func style(of role: Role) -> Style {
    var style = Style(background: background?.color ?? .terminalDefault)
    if let own = nearest(role) { style.attributes = own.attributes }
    style.foreground = color(of: role)
    if role == .selection {
      if let back = selectionBackground {
        style.background = back.color ?? style.background
        style.attributes.formUnion(back.attributes)
      } else if roles[.selection] == nil {
        style.attributes.insert(.reverse)
      }
    }
    return style
  }

  private func nearest(_ role: Role) -> Look? {
    roles[role] ?? role.parent.flatMap { nearest($0) }
  }

  private func color(of role: Role) -> Style.Color {
    roles[role]?.color ?? role.parent.map { color(of: $0) } ?? .terminalDefault
  }
}

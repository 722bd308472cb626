extension Canvas {
  /// A filled graph, newest value at the right edge, two values and four heights a cell in braille;
  /// the role rises with the height so that the level is seen before the number.
  ///
  /// - Parameter maximum: the value that fills the height; values above it are cut, those not
  ///   finite count as zero.
  package mutating func areaGraph(
    _ values: [Double], maximum: Double, in rect: Rect, glyphs: Glyphs
  ) {
    let (columns, rows) = (rect.size.columns, rect.size.rows)
    guard columns > 0, rows > 0, maximum > 0 else { return }
    let heights = Self.newest(values, columns * 2).map { value -> Int in
      guard let value, value.isFinite, value > 0 else { return 0 }
      return max(1, Int((min(value / maximum, 1) * Double(rows * 4)).rounded()))
    }
    for column in 0..<columns {
      let (left, right) = (heights[column * 2], heights[column * 2 + 1])
      for row in 0..<rows {
        let floor = (rows - 1 - row) * 4
        let (low, high) = (clamp(left - floor), clamp(right - floor))
        guard low + high > 0 else { continue }
        put(
          Self.filled(low, high, glyphs), column: rect.column + column, row: rect.row + row,
          role: Self.heatRole(Double(floor) / Double(rows * 4)))
      }
    }
  }

  /// A line through the values, newest at the right edge, drawn in braille; a nil leaves a gap.
  ///
  /// - Parameter role: the look of a cell, from the lower of its values.
  package mutating func lineGraph(
    _ values: [Double?], from low: Double, to high: Double, in rect: Rect, glyphs: Glyphs,
    role: (Double) -> Role
  ) {
    let (columns, rows) = (rect.size.columns, rect.size.rows)
    guard columns > 0, rows > 0, high > low else { return }
    let dots = rows * 4
    let samples = Self.newest(values, columns * 2)
    var masks = [UInt8](repeating: 0, count: columns * rows)
    var previous: Int?
    for (x, sample) in samples.enumerated() {
      guard let value = sample ?? nil, value.isFinite else {
        previous = nil
        continue
      }
      let share = min(max((value - low) / (high - low), 0), 1)
      let y = dots - 1 - Int((share * Double(dots - 1)).rounded())
      let from = previous.map { $0 < y ? $0 + 1 : ($0 > y ? $0 - 1 : y) } ?? y
      for dot in min(from, y)...max(from, y) {
        masks[dot / 4 * columns + x / 2] |= Self.dot(x % 2, dot % 4)
      }
      previous = y
    }
    for row in 0..<rows {
      for column in 0..<columns where masks[row * columns + column] != 0 {
        let pair = [samples[column * 2] ?? nil, samples[column * 2 + 1] ?? nil].compactMap { $0 }
        put(
          Self.line(masks[row * columns + column], glyphs), column: rect.column + column,
          row: rect.row + row, role: role(pair.min() ?? high))
      }
    }
  }

  /// One row of heights ▁…█, newest value at the right; zero is drawn faint, so that a quiet line
  /// shows too.
  package mutating func sparkline(
    _ values: [Double], maximum: Double, column: Int, row: Int, width: Int, glyphs: Glyphs,
    isSelected: Bool = false
  ) {
    guard width > 0 else { return }
    for (offset, sample) in Self.newest(values, width).enumerated() {
      guard let value = sample, value.isFinite else { continue }
      let share = maximum > 0 ? min(max(value / maximum, 0), 1) : 0
      let step = min(7, Int(share * 8))
      put(
        glyphs.levels[step], column: column + offset, row: row,
        role: value > 0 ? Self.heatRole(share) : .meterEmpty, isSelected: isSelected)
    }
  }

  /// A horizontal meter `██████▍····` of `width` columns for a share of 0…1.
  package mutating func gauge(
    _ share: Double, column: Int, row: Int, width: Int, role: Role, glyphs: Glyphs,
    isSelected: Bool = false
  ) {
    guard width > 0 else { return }
    let clamped = share.isFinite ? min(max(share, 0), 1) : 0
    let eighths = Int((clamped * Double(width * 8)).rounded())
    for offset in 0..<width {
      let part = min(max(eighths - offset * 8, 0), 8)
      let scalar = part == 0 ? glyphs.meterTrack : glyphs.widths[part - 1]
      put(
        scalar, column: column + offset, row: row, role: part == 0 ? .meterEmpty : role,
        isSelected: isSelected)
    }
  }

  /// One vertical bar that stands on the lowest row of `rect`, to an eighth of a cell.
  package mutating func bar(_ share: Double, in rect: Rect, role: Role, glyphs: Glyphs) {
    let rows = rect.size.rows
    guard rows > 0 else { return }
    let clamped = share.isFinite ? min(max(share, 0), 1) : 0
    let eighths = max(clamped > 0 ? 1 : 0, Int((clamped * Double(rows * 8)).rounded()))
    for row in 0..<rows {
      let part = min(max(eighths - (rows - 1 - row) * 8, 0), 8)
      guard part > 0 else { continue }
      for column in 0..<rect.size.columns {
        put(glyphs.levels[part - 1], column: rect.column + column, row: rect.row + row, role: role)
      }
    }
  }

  /// The last `count` values, with nils in front where there are fewer.
  private static func newest<Value>(_ values: [Value], _ count: Int) -> [Value?] {
    let tail = values.suffix(count)
    return Array(repeating: nil, count: count - tail.count) + tail.map(Optional.some)
  }

  private static func heatRole(_ share: Double) -> Role {
    share < 1.0 / 3 ? .graphLow : share < 2.0 / 3 ? .graphMid : .graphHigh
  }

  private func clamp(_ dots: Int) -> Int { min(max(dots, 0), 4) }

  private static func filled(_ left: Int, _ right: Int, _ glyphs: Glyphs) -> Unicode.Scalar {
    switch glyphs.kind {
    case .ascii:
      return glyphs.levels[min(left + right, 8) - 1]
    case .unicode:
      let lefts: [UInt8] = [0, 0x40, 0x44, 0x46, 0x47]
      let rights: [UInt8] = [0, 0x80, 0xA0, 0xB0, 0xB8]
      return braille(lefts[left] | rights[right])
    }
  }

  private static func line(_ mask: UInt8, _ glyphs: Glyphs) -> Unicode.Scalar {
    switch glyphs.kind {
    case .ascii: mask & 0b1100_0000 != 0 ? "." : mask & 0b0010_0100 != 0 ? "-" : "'"
    case .unicode: braille(mask)
    }
  }

  /// The braille dot in column 0…1 and row 0…3 of a cell, by the order of U+2800.
  private static func dot(_ column: Int, _ row: Int) -> UInt8 {
    row == 3 ? (column == 0 ? 0x40 : 0x80) : UInt8(1) << UInt8(row + column * 3)
  }

  private static func braille(_ mask: UInt8) -> Unicode.Scalar {
    Unicode.Scalar(0x2800 + UInt32(mask)) ?? " "
  }
}

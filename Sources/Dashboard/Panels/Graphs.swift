import FleetModel
import TerminalUI

/// Panel 2: retries of the whole fleet a second.
struct RetryGraph {
  let values: [Double]

  func draw(on drawing: inout Drawing, in rect: Rect, isFocused: Bool) {
    // The scale is that of what is on the screen: two values a column.
    let visible = values.suffix(max(0, rect.size.columns - 2) * 2)
    let peak = visible.filter(\.isFinite).max() ?? 0
    let note = values.last.map { "now \(Figures.rate($0))/s  max \(Figures.rate(peak))" } ?? ""
    let inside = drawing.panel(.retryRate, in: rect, note: note, isFocused: isFocused)
    guard !values.isEmpty else { return drawing.placeholder("no data yet", in: inside) }
    guard peak > 0 else { return drawing.placeholder("no retries", in: inside) }
    drawing.canvas.areaGraph(values, maximum: max(peak, 1), in: inside, glyphs: drawing.glyphs)
  }
}

/// Panel 3: the share of calls that ended well.
struct SuccessGraph {
  let values: [Double?]
  let now: Double?

  /// Where the scale may start, so that 99 % and 100 % can be told apart.
  private static let floors = [0.99, 0.95, 0.9, 0.8, 0.5, 0]

  func draw(on drawing: inout Drawing, in rect: Rect, isFocused: Bool) {
    let inside = drawing.panel(
      .success, in: rect, note: now.map { Figures.percent($0, places: 2) + "%" } ?? "",
      noteRole: now.map { Thresholds.success($0) } ?? .muted, isFocused: isFocused)
    guard let lowest = values.compactMap({ $0 }).filter(\.isFinite).min() else {
      return drawing.placeholder("no calls", in: inside)
    }
    let floor = Self.floors.first { $0 <= lowest } ?? 0
    drawing.canvas.lineGraph(
      values, from: floor, to: 1, in: inside, glyphs: drawing.glyphs, role: Thresholds.success)
    guard inside.size.rows > 2, inside.size.columns > 12 else { return }
    drawing.text("100", inside.column, inside.row, 3, .muted)
    drawing.text(Figures.percent(floor, places: 0), inside.column, inside.bottom - 1, 3, .muted)
  }
}

/// Panel 4: how long retries waited, a bar for each bucket.
struct BackoffHistogram {
  let histogram: HistogramSnapshot

  private struct Bar {
    var bound: Double
    var count: Int
  }

  /// Columns a label and a count need.
  private static let barMinimum = 4
  private static let barMaximum = 7

  func draw(on drawing: inout Drawing, in rect: Rect, isFocused: Bool) {
    let mean = histogram.count > 0 ? histogram.sum / Double(histogram.count) : 0
    let note =
      histogram.count > 0
      ? "\(Figures.count(histogram.count)) waits, mean "
        + Figures.latency(Duration(fractionalSeconds: mean))
      : ""
    let inside = drawing.panel(.backoff, in: rect, note: note, isFocused: isFocused)
    let fitting = (inside.size.columns + 1) / (Self.barMinimum + 1)
    let bars = Self.merged(Self.bars(of: histogram), into: fitting)
    guard !bars.isEmpty, histogram.count > 0 else {
      return drawing.placeholder("no retries", in: inside)
    }
    guard inside.size.rows > 2, fitting > 0 else { return }
    let peak = max(1, bars.map(\.count).max() ?? 1)
    let width = min((inside.size.columns + 1) / bars.count - 1, Self.barMaximum)
    let used = bars.count * (width + 1) - 1
    let left = inside.column + (inside.size.columns - used) / 2
    for (index, bar) in bars.enumerated() {
      let column = left + index * (width + 1)
      let height = inside.size.rows - 2
      let share = Double(bar.count) / Double(peak)
      drawing.canvas.bar(
        share, in: Rect(column: column, row: inside.row + 1, columns: width, rows: height),
        role: bar.bound >= 5 ? .graphHigh : bar.bound >= 1 ? .graphMid : .graphLow,
        glyphs: drawing.glyphs)
      let filled = Int((share * Double(height)).rounded(.up))
      centered(
        Figures.count(bar.count), column, inside.row + height - filled, width,
        bar.count > 0 ? .fg : .muted, &drawing)
      centered(
        (bar.bound.isFinite ? "" : ">") + Figures.bound(label(bars, index)), column,
        inside.bottom - 1, width, .muted, &drawing)
    }
  }

  /// The last bucket has no end; its label is where it begins.
  private func label(_ bars: [Bar], _ index: Int) -> Double {
    let bound = bars[index].bound
    return bound.isFinite ? bound : index > 0 ? bars[index - 1].bound : 0
  }

  private func centered(
    _ words: String, _ column: Int, _ row: Int, _ width: Int, _ role: Role,
    _ drawing: inout Drawing
  ) {
    let size = min(words.columnWidth, width)
    drawing.text(words, column + (width - size) / 2, row, size, role)
  }

  /// The buckets' own counts out of the cumulative ones; empty ones at both ends are left out.
  private static func bars(of histogram: HistogramSnapshot) -> [Bar] {
    var below = 0
    var bars: [Bar] = []
    for bucket in histogram.buckets {
      bars.append(Bar(bound: bucket.upperBound, count: max(0, bucket.count - below)))
      below = max(below, bucket.count)
    }
    while bars.count > 1, bars.last?.count == 0 { bars.removeLast() }
    return Array(bars.drop { $0.count == 0 })
  }

  /// Neighbours become one until there are at most `limit`.
  private static func merged(_ bars: [Bar], into limit: Int) -> [Bar] {
    guard limit > 0, bars.count > limit else { return limit > 0 ? bars : [] }
    let group = (bars.count + limit - 1) / limit
    return stride(from: 0, to: bars.count, by: group).map { start in
      let members = bars[start..<min(start + group, bars.count)]
      return Bar(
        bound: members.last?.bound ?? 0, count: members.reduce(0) { $0 + $1.count })
    }
  }
}

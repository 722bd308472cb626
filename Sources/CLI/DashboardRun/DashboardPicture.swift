import Adapters
import Dashboard
import FleetModel
import Glibc
import TerminalUI

/// The dashboard's own screen as an SVG file.
struct DashboardPicture {
  let context: CommandContext
  let request: PictureRequest

  /// What would go wrong later, said at once.
  func check() throws(CommandFailure) {
    _ = try theme()
    let directory = FilePath.directory(of: request.path)
    guard access(directory.isEmpty ? "/" : directory, W_OK | X_OK) == 0 else {
      throw failure(String(cString: strerror(errno)))
    }
  }

  func write(_ snapshot: Snapshot) throws(CommandFailure) {
    let theme = try theme()
    let size = Size(columns: request.columns, rows: request.rows)
    var state = ViewState(
      size: size, themeName: theme.name, glyphs: themes.glyphs(of: theme))
    _ = state.update(.snapshot(snapshot))
    let (canvas, _) = frame(
      snapshot: snapshot, state: state, size: size, now: snapshot.at)
    let svg = CanvasSVG.render(canvas, theme: theme)
    do throws(FileError) { try FileBytes.write(Array(svg.utf8), path: request.path) } catch {
      throw failure(error.reason)
    }
  }

  private var themes: ThemeChoice {
    ThemeChoice(
      wanted: context.options.theme, isASCII: context.options.isASCII, read: context.files.read)
  }

  private func theme() throws(CommandFailure) -> Theme {
    context.options.isColorless && context.options.theme == nil
      ? try themes.load("mono") : try themes.first(for: .direct)
  }

  private func failure(_ reason: String) -> CommandFailure {
    CommandFailure("cannot write \(request.path): \(reason)", .cannotCreate)
  }
}

import Engine
import FleetModel
import Wire

/// Reads a tool list page by page.
struct ToolPages {
  static let pageLimit = 100

  private(set) var listing = ToolListing()
  private(set) var dropped: [(name: String, reason: String)] = []

  /// - Parameters:
  ///   - first: the answer for the first page, where it is there already.
  ///   - ask: sends `tools/list` with these params.
  /// - Throws: when a page fails, when a cursor comes twice, and after `pageLimit` pages.
  nonisolated(nonsending) static func all(
    readsHeaders: Bool, first: Reply? = nil, _ ask: (JSONText) async -> Reply
  ) async throws(Failure) -> ToolPages {
    var pages = ToolPages()
    var cursor: String?
    var seen: Set<String> = []
    var ready = first
    for _ in 0..<pageLimit {
      let reply: Reply
      if let first = ready {
        reply = first
      } else {
        reply = await ask(MCPMessages.page(after: cursor))
      }
      ready = nil
      guard let page = try Self.page(reply, readsHeaders) else { return pages }
      pages.listing.append(page)
      pages.dropped += page.droppedTools
      guard let next = page.nextCursor else { return pages }
      guard seen.insert(next).inserted else {
        throw Classification.malformed("the pages of tools/list go round in a circle")
      }
      cursor = next
    }
    throw Classification.malformed("tools/list has more than \(pageLimit) pages")
  }

  /// Nil when the server has no tools at all.
  private static func page(
    _ reply: Reply, _ readsHeaders: Bool
  ) throws(Failure) -> ToolPage? {
    switch reply {
    case .success(let result), .toolError(let result):
      return try ToolPage(JSONView(trusted: result), readsHeaders: readsHeaders)
    case .protocolError(let error) where error.code == RPCCode.methodNotFound: return nil
    case .protocolError(let error):
      throw Failure(
        .malformedAnswer, "tools/list was refused: \(error.message) (\(error.code))",
        delivery: .refused)
    case .failure(let failure): throw failure
    }
  }

  var list: ToolList {
    ToolList(
      tools: listing.tools.map {
        ToolList.Tool(
          name: $0.name, description: $0.description, isReadOnly: $0.isReadOnly,
          isIdempotent: $0.isIdempotent)
      }, result: listing.result, timeToLive: listing.timeToLive)
  }
}

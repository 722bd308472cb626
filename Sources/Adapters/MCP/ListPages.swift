import FleetModel
import Wire

/// A caller's list, with all its pages.
enum ListPages {
  /// The reply to a call, and where it is the first page of a list, that of all pages; a caller who
  /// gives a cursor gets the page that it names.
  ///
  /// - Parameter ask: sends the call's method with these params.
  nonisolated(nonsending) static func all(
    of call: Call, first: Reply, readsHeaders: Bool, ask: (JSONText) async -> Reply
  ) async -> Reply {
    guard case .success(let result) = first, let key = PageMerge.key(of: call.method),
      JSONView(trusted: call.params).member("cursor") == nil
    else { return first }
    if call.method == MCPMethod.listTools {
      do throws(Failure) {
        let pages = try await ToolPages.all(readsHeaders: readsHeaders, first: first, ask)
        return .success(pages.listing.result)
      } catch {
        return .failure(error)
      }
    }
    var pages = PageMerge(key: key)
    var seen: Set<String> = []
    var cursor = pages.append(result)
    for _ in 1..<ToolPages.pageLimit {
      guard let next = cursor else { return .success(pages.result) }
      guard seen.insert(next).inserted else {
        return malformed("the pages of \(call.method) go round in a circle")
      }
      let reply = await ask(MCPMessages.page(after: next))
      guard case .success(let result) = reply else { return reply }
      cursor = pages.append(result)
    }
    guard cursor == nil else {
      return malformed("\(call.method) has more than \(ToolPages.pageLimit) pages")
    }
    return .success(pages.result)
  }

  private static func malformed(_ reason: String) -> Reply {
    .failure(Classification.malformed(reason))
  }
}

package import FleetModel

/// The rest of a response's body, read as it comes.
///
/// What is not read stays at the sender: no more than `CurlTransfer.unreadLimit` bytes are held.
package struct CurlStream: Sendable {
  let client: CurlClient
  let transfer: CurlTransfer.ID

  /// The next bytes; nil at the end of the body. One reader at a time.
  ///
  /// - Throws: when the connection breaks, and `cancelled` when the reader's task is.
  nonisolated(nonsending) package func next() async throws(Failure) -> [UInt8]? {
    try await client.nextChunk(of: transfer)
  }

  /// Lets the body end by itself for a moment, so that the connection can be used again.
  nonisolated(nonsending) package func finish() async { await client.linger(transfer) }

  /// Closes the connection under the stream.
  nonisolated(nonsending) package func cancel() async { await client.cancel(transfer) }
}

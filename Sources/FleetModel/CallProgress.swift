/// What a server says of a call under way; its text may be hostile.
package struct CallProgress: Hashable, Sendable {
  /// Grows with each report.
  package var progress: Double
  package var total: Double?
  package var message: String?

  package init(progress: Double, total: Double? = nil, message: String? = nil) {
    self.progress = progress
    self.total = total
    self.message = message
  }
}

package import FleetModel

/// What a command did, as JSON: `{text, replay: {delivered, failed, unsafe, taken} | null}`.
package enum ReceiptJSON {
  package static func render(_ receipt: CommandReceipt) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.member("text", receipt.text)
      $0.key("replay")
      guard let replay = receipt.replay else { return $0.null() }
      $0.object {
        $0.member("delivered", replay.delivered)
        $0.member("failed", replay.failed)
        $0.member("unsafe", replay.unsafe)
        $0.member("taken", replay.taken)
      }
    }
    return PlainText.escapingHidden(in: writer.json)
  }
}

package import FleetModel

/// What a command did, as JSON: `{text, replay: {delivered, failed, …} | null, letters | null}`.
package enum ReceiptJSON {
  package static func render(_ receipt: CommandReceipt) -> JSONText {
    var writer = JSONWriter()
    writer.object {
      $0.member("text", receipt.text)
      $0.key("replay")
      if let replay = receipt.replay { $0.object { $0.replayCount(replay) } } else { $0.null() }
      $0.member("letters", receipt.letters)
    }
    return PlainText.escapingHidden(in: writer.json)
  }
}

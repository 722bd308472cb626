/// What concerns ToolHive and Kubernetes.
extension InvocationReader {
  /// Flags before variables; which of the two calls for ToolHive does not matter.
  func discovery() throws(UsageError) -> DiscoveryOptions {
    var options = DiscoveryOptions()
    options.isWanted = line.has("toolhive")
    for field in DiscoveryField.all {
      guard let (label, text) = source(field.flag) else { continue }
      guard field.set(text, &options) else { throw notOfForm(label, text, field.form) }
      if field.isCall { options.isWanted = true }
    }
    // A common name: what is none of ours belongs to another program.
    if options.runtime == nil {
      let mode = environment["RUNTIME_MODE"]?.lowercased()
      options.runtime = mode == "k8s" || mode == "kubernetes" ? .kubernetes : nil
    }
    return options
  }

  /// Of ToolHive.
  var registry: String { line.operands.first ?? ToolHiveRequest.standardRegistry }

  func toolHive(_ verb: ToolHiveRequest.Verb) -> Invocation.Action {
    .toolHive(ToolHiveRequest(verb: verb, isJSON: line.has("json")))
  }
}

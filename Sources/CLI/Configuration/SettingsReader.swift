import FleetModel

/// Reads what holds for the whole program: `discover`, `theme`, `mouse`, `refresh`,
/// `locality`, `deadLetters`, `toolhive`.
struct SettingsReader {
  let expansion: VariableExpansion

  /// Sets what is still unset.
  func read(
    _ root: Spot, into settings: inout Configuration.Settings,
    _ report: inout ConfigurationReport
  ) {
    if let spot = root["theme"] {
      settings.theme = settings.theme ?? text(spot, isBorne: true, &report)
    }
    if let spot = root["locality"] {
      settings.locality = settings.locality ?? text(spot, isBorne: true, &report)
    }
    if let spot = root["mouse"] {
      settings.mouse = settings.mouse ?? flag(spot, isBorne: true, &report)
    }
    if let spot = root["discover"] {
      // What was meant to start nothing of others must not start it by a slip.
      settings.discovers = settings.discovers ?? flag(spot, isBorne: false, &report)
    }
    if let spot = root["refresh"] {
      let duration = duration(spot, in: Configuration.refreshRange, isBorne: true, &report)
      settings.refresh = settings.refresh ?? duration
    }
    if let spot = root["toolhive"] {
      let options = DiscoverySettingsReader(expansion: expansion).read(spot, &report)
      settings.discovery = settings.discovery.over(options)
    }
    if let spot = root["deadLetters"] {
      DeadLetterReader(values: self).read(spot, into: &settings.deadLetters, &report)
    }
  }

  func text(
    _ spot: Spot, isBorne: Bool, _ report: inout ConfigurationReport
  ) -> String? {
    guard let text = spot.value.string, !text.isEmpty else {
      report.fail(spot, "must be a string that is not empty", isBorne: isBorne)
      return nil
    }
    do throws(VariableExpansion.Failure) { return try expansion.expand(text) } catch {
      report.fail(spot, error.message, isBorne: isBorne)
      return nil
    }
  }

  func flag(
    _ spot: Spot, isBorne: Bool, _ report: inout ConfigurationReport
  ) -> Bool? {
    if let flag = spot.value.bool { return flag }
    report.fail(spot, "\(spot.value.shown) is not true or false", isBorne: isBorne)
    return nil
  }

  func duration(
    _ spot: Spot, in range: ClosedRange<Duration>, isBorne: Bool,
    _ report: inout ConfigurationReport
  ) -> Duration? {
    if let duration = spot.value.duration, range.contains(duration) { return duration }
    report.fail(
      spot,
      "\(spot.value.shown) is not a duration from \(DurationText.write(range.lowerBound)) to "
        + DurationText.write(range.upperBound), isBorne: isBorne)
    return nil
  }
}

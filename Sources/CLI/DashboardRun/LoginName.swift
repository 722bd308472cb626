import Glibc

/// Who sits at the terminal, for what is done by hand.
enum LoginName {
  /// `USER`, else the name the system has for this user, else the program's own.
  @MainActor static func current(_ environment: [String: String]) -> String {
    if let name = environment["USER"], !name.isEmpty { return name }
    guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else { return "mcpdash" }
    return String(cString: name)
  }
}

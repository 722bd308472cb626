/// This program's version (https://semver.org).
package enum ProgramVersion {
  package static let text = "0.1.0"
}

import FleetModel

/// A shell script as an MCP server: `$line` is the request, `$id` its id.
func shell(_ cases: String, before: String = "", directory: String? = nil) -> Endpoint {
  let script = """
    answer() { printf '{"jsonrpc":"2.0","id":%s,"result":%s}\\n' "$1" "$2"; }
    refuse() { printf '{"jsonrpc":"2.0","id":%s,"error":{"code":%s,"message":"no"}}\\n' "$1" "$2"; }
    modern() { answer "$1" '{"supportedVersions":["2026-07-28"]}'; }
    greet() { answer "$1" '{"protocolVersion":"2025-11-25","serverInfo":{"name":"sh"}}'; }
    \(before)
    while read -r line; do
      id=${line#*\\"id\\":}; id=${id%%,*}
      case "$line" in
        \(cases)
        *server/discover*) modern $id ;;
        *initialized*) ;;
        *initialize*) greet $id ;;
        *) answer $id '{}' ;;
      esac
    done
    """
  return .stdio(
    command: "sh", arguments: ["-c", script],
    environment: [EnvironmentVariable(name: "MCPDASH_TEST", value: "set")],
    workingDirectory: directory)
}

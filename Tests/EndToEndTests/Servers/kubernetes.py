"""A stand-in for the Kubernetes API: lists of mcpservers.toolhive.stacklok.dev in pages.

Usage: kubernetes.py PORT STATE [CERTIFICATE KEY]

STATE is a JSON file that is read for every request:
  {"version": "v1beta1", "items": [...], "token": "...", "status": 403, "message": "...",
   "pageSize": 2, "gone": 1}
`token` is the one that is accepted; `status` refuses everything; `gone` is how often a page that
continues a list answers 410. Prints `ready PORT`, then each request as `PATH TOKEN`.
"""

import json
import ssl
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GROUP = "toolhive.stacklok.dev"


class API(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        """Requests go to standard output instead."""

    def do_GET(self):
        with open(self.server.state, encoding="utf-8") as file:
            state = json.load(file)
        token = (self.headers.get("Authorization") or "").removeprefix("Bearer ")
        print(self.path, token or "-", flush=True)
        if "status" in state:
            return self.refuse(state["status"], state.get("message", "no"))
        if "token" in state and token != state["token"]:
            return self.refuse(401, "Unauthorized")
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        parts = url.path.strip("/").split("/")
        if parts[:2] != ["apis", GROUP] or parts[2] != state["version"] or parts[-1] != "mcpservers":
            return self.refuse(404, "the server could not find the requested resource")
        items = state["items"]
        if parts[3] == "namespaces":
            items = [item for item in items if item["metadata"]["namespace"] == parts[4]]
        start = int(query.get("continue", ["0"])[0])
        if start and self.server.gone < state.get("gone", 0):
            self.server.gone += 1
            return self.refuse(410, "The provided continue parameter is too old")
        size = min(state.get("pageSize", 500), int(query.get("limit", ["500"])[0]))
        metadata = {"resourceVersion": "7"}
        if start + size < len(items):
            metadata["continue"] = str(start + size)
        self.reply(
            200,
            {
                "apiVersion": f"{GROUP}/{state['version']}",
                "kind": "MCPServerList",
                "metadata": metadata,
                "items": items[start : start + size],
            },
        )

    def refuse(self, status, message):
        self.reply(status, {"kind": "Status", "status": "Failure", "message": message, "code": status})

    def reply(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that hangs up is no news."""


port, state = sys.argv[1:3]
with Server(("127.0.0.1", int(port)), API) as server:
    server.state = state
    server.gone = 0
    if len(sys.argv) > 3:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*sys.argv[3:5])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    print(f"ready {port}", flush=True)
    server.serve_forever()

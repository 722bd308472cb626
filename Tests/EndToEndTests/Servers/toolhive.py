"""A stand-in for `thv serve`: the documented shapes of its API, with nothing but the standard library.

Usage: toolhive.py PORT STATE [VERSION] [--impostor]

STATE is a JSON file that is read for every request and written by orders, so that it outlives the
process as ToolHive's own containers do:
  {"workloads": [...], "registry": [...], "remote": [...], "logs": {...}, "well": true}
An impostor answers 200 to everything and is somebody else.
Prints `ready PORT`, then each request as `METHOD PATH`.
"""

import json
import os
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STOPPED = ("stopped", "error", "removing", "policy_stopped")


class State:
    def __init__(self, path):
        self.path = path

    def read(self):
        with open(self.path, encoding="utf-8") as file:
            return json.load(file)

    def write(self, state):
        with open(self.path + ".new", "w", encoding="utf-8") as file:
            json.dump(state, file)
        os.replace(self.path + ".new", self.path)


class API(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        """Requests go to standard output instead."""

    def do_GET(self):
        self.route("GET")

    def do_POST(self):
        self.route("POST")

    def route(self, method):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        print(method, self.path, flush=True)
        if self.server.impostor:
            return self.reply(200, {"hello": "I am somebody else"})
        url = urllib.parse.urlsplit(self.path)
        parts = [urllib.parse.unquote(part) for part in url.path.strip("/").split("/")]
        if (method, parts) == ("GET", ["health"]):
            return self.health()
        if parts[:2] != ["api", "v1beta"]:
            return self.refuse(404, "404 page not found")
        everything = urllib.parse.parse_qs(url.query).get("all") == ["true"]
        match (method, *parts[2:]):
            case ("GET", "version"):
                self.reply(200, {"version": self.server.version})
            case ("GET", "workloads"):
                self.list(everything)
            case ("POST", "workloads"):
                self.create(body)
            case ("GET", "workloads", name):
                self.named(name, lambda workload: self.reply(200, workload))
            case ("GET", "workloads", name, "logs"):
                self.named(name, self.logs)
            case ("POST", "workloads", name, "stop"):
                self.named(name, lambda _: self.order(name, "stopped"))
            case ("POST", "workloads", name, "restart"):
                self.named(name, lambda _: self.order(name, "running"))
            case ("GET", "registry", "default", "servers"):
                state = self.server.state.read()
                servers = {"servers": state.get("registry"), "remote_servers": state.get("remote")}
                self.reply(200, {key: value for key, value in servers.items() if value is not None})
            case ("GET", "registry", _, "servers"):
                self.refuse(404, "Registry not found")
            case _:
                self.refuse(404, "404 page not found")

    def health(self):
        if self.server.state.read().get("well", True):
            self.send_response(204)
            self.end_headers()
        else:
            self.refuse(503, "container runtime is not available")

    def list(self, everything):
        state = self.server.state.read()
        if not state.get("well", True):
            return self.refuse(500, "Failed to list workloads")
        workloads = [w for w in state["workloads"] if everything or w["status"] not in STOPPED]
        # Go writes an empty list as null.
        self.reply(200, {"workloads": workloads or None})

    def named(self, name, answer):
        found = [w for w in self.server.state.read()["workloads"] if w["name"] == name]
        if found:
            answer(found[0])
        else:
            self.refuse(404, "Workload not found")

    def logs(self, workload):
        text = self.server.state.read().get("logs", {}).get(workload["name"], "").encode()
        self.send(200, "text/plain", text)

    def order(self, name, status):
        state = self.server.state.read()
        for workload in state["workloads"]:
            if workload["name"] == name:
                workload["status"] = status
        self.server.state.write(state)
        self.send(202, "text/plain", b"")

    def create(self, body):
        state = self.server.state.read()
        request = json.loads(body)
        if any(w["name"] == request["name"] for w in state["workloads"]):
            return self.refuse(409, f"Workload with name {request['name']} already exists")
        workload = {
            "name": request["name"],
            "package": request.get("image") or request.get("url"),
            "transport_type": request.get("transport"),
            "status": "starting",
            "url": "",
            "port": 0,
            "tool_type": "mcp",
        }
        state["workloads"].append(workload)
        state["created"] = request
        self.server.state.write(state)
        self.reply(201, {"name": request["name"], "port": 31337})

    def refuse(self, status, text):
        self.send(status, "text/plain; charset=utf-8", text.encode() + b"\n")

    def reply(self, status, value):
        self.send(status, "application/json", json.dumps(value).encode() + b"\n")

    def send(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that hangs up is no news."""


words = [word for word in sys.argv[1:] if not word.startswith("--")]
with Server(("127.0.0.1", int(words[0])), API) as server:
    server.state = State(words[1])
    server.version = words[2] if len(words) > 2 else "v0.6.1"
    server.impostor = "--impostor" in sys.argv
    print(f"ready {words[0]}", flush=True)
    server.serve_forever()

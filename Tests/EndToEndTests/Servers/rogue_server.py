"""A server that breaks the rules, with nothing but the standard library.

Usage: rogue_server.py PORT MODE | rogue_server.py stdio MODE
Modes: silent   takes every request and never answers
       garbage  answers with bytes that are neither HTTP nor JSON
       flood    answers with a body that never ends
       escapes  speaks 2026-07-28 correctly, with terminal escapes in every text a server can choose
"""

import json
import socketserver
import sys
import time

ESCAPES = "\x1b]0;owned\x07\x1b[2J\x1b[31mowned\x1b[0m\u202e\u009b31m"


def answer(request):
    method = request.get("method", "")
    if method == "server/discover":
        result = {
            "supportedVersions": ["2026-07-28"],
            "capabilities": {"tools": {}},
            "resultType": "complete",
            "ttlMs": 0,
            "cacheScope": "private",
            "instructions": ESCAPES,
            "_meta": {"io.modelcontextprotocol/serverInfo": {"name": ESCAPES, "version": ESCAPES}},
        }
    elif method == "tools/list":
        tool = {"name": "echo", "description": ESCAPES, "inputSchema": {"type": "object"}}
        odd = {"name": ESCAPES, "description": "odd", "inputSchema": {"type": "object"}}
        result = {
            "tools": [tool, odd],
            "resultType": "complete",
            "ttlMs": 0,
            "cacheScope": "private",
        }
    else:
        error = {"code": -32603, "message": ESCAPES, "data": ESCAPES}
        return {"jsonrpc": "2.0", "id": request.get("id"), "error": error}
    return {"jsonrpc": "2.0", "id": request.get("id"), "result": result}


class Exchange(socketserver.StreamRequestHandler):
    def handle(self):
        while self.one():
            pass

    def one(self):
        if not self.rfile.readline(65536):
            return False
        length = 0
        while (line := self.rfile.readline(65536)) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        body = self.rfile.read(length)
        mode = self.server.mode
        if mode == "silent":
            time.sleep(3600)
        elif mode == "garbage":
            self.wfile.write(b"\x00\xff\x1b]0;owned\x07 neither HTTP nor JSON\r\n" * 64)
            return False
        elif mode == "flood":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n[")
            while True:
                self.wfile.write(b"1," * 32768)
        reply = json.dumps(answer(json.loads(body or b"{}"))).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(reply)}"
        self.wfile.write(head.encode() + b"\r\n\r\n" + reply)
        return True


class Listener(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that hangs up is no news."""


def speak_stdio(mode):
    for line in sys.stdin:
        if mode == "silent":
            continue
        elif mode == "garbage":
            print("neither JSON nor a message \x1b]0;owned\x07", flush=True)
        elif mode == "flood":
            while True:
                sys.stdout.write("1," * 32768)
        else:
            print(ESCAPES, file=sys.stderr, flush=True)
            request = json.loads(line)
            if "id" in request:
                print(json.dumps(answer(request)), flush=True)


place, mode = sys.argv[1:3]
if place == "stdio":
    speak_stdio(mode)
else:
    with Listener(("127.0.0.1", int(place)), Exchange) as listener:
        listener.mode = mode
        print(f"ready http://127.0.0.1:{place}/mcp", flush=True)
        listener.serve_forever()

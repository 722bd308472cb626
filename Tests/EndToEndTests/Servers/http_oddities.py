"""HTTP as libcurl meets it: TLS, HTTP/2, compressed answers, and a proxy.

Usage: http_oddities.py plain|h2|gzip|bomb|proxy|refusing-proxy|upgrading-proxy [CERTIFICATE KEY]

Listens on a free loopback port, and prints `ready PORT`; a proxy also prints each request line.
"""

import gzip
import select
import socket
import socketserver
import ssl
import struct
import sys
import zlib

mode = sys.argv[1]
connections = 0


class Context:
    """TLS where a certificate was given, offering what the mode speaks."""

    def __init__(self):
        self.tls = None
        if len(sys.argv) > 3:
            self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.tls.load_cert_chain(sys.argv[2], sys.argv[3])
            self.tls.set_alpn_protocols(["h2", "http/1.1"] if mode == "h2" else ["http/1.1"])


def frame(kind, flags, stream, payload=b""):
    return struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload


class Oddity(socketserver.BaseRequestHandler):
    def handle(self):
        global connections
        connections += 1
        self.number = connections
        try:
            if context.tls:
                self.request = context.tls.wrap_socket(self.request, server_side=True)
            self.reader = self.request.makefile("rb")
            if context.tls and self.request.selected_alpn_protocol() == "h2":
                self.http2()
            else:
                while self.http1():
                    pass
        except (OSError, ValueError):
            pass

    def head(self):
        lines = []
        while (line := self.reader.readline().strip()) != b"":
            lines.append(line.decode())
        return lines

    def http1(self):
        lines = self.head()
        if not lines:
            return False
        fields = {name.lower(): value.strip() for name, value in (l.split(":", 1) for l in lines[1:])}
        body = self.reader.read(int(fields.get("content-length", 0)))
        if mode.endswith("proxy"):
            return self.proxy(lines[0], fields, body)
        if mode == "bomb":
            return self.bomb()
        text = f"HTTP/1.1 {self.number} {fields.get('accept-encoding', '-')}".encode()
        encoding = b""
        if mode == "gzip":
            text, encoding = gzip.compress(text), b"Content-Encoding: gzip\r\n"
        self.request.sendall(
            b"HTTP/1.1 200 OK\r\n" + encoding + b"Content-Length: %d\r\n\r\n" % len(text) + text)
        return True

    def bomb(self):
        """A gigabyte of zeros in a megabyte."""
        self.request.sendall(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n")
        squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
        for _ in range(1024):
            self.request.sendall(squeeze.compress(bytes(1 << 20)))
        self.request.sendall(squeeze.flush())
        return False

    def proxy(self, line, fields, body):
        print(line, flush=True)
        method, target, _ = line.split()
        if mode == "upgrading-proxy" and method != "CONNECT":
            name = target.removeprefix("http://").split("/")[0].split(":")[0]
            self.request.sendall(
                f"HTTP/1.1 308 Permanent Redirect\r\nLocation: https://{name}/mcp\r\n"
                "Content-Length: 0\r\n\r\n".encode())
            return True
        if mode in ("refusing-proxy", "upgrading-proxy"):
            self.request.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            return False
        if method == "CONNECT":
            host, port = target.rsplit(":", 1)
            with socket.create_connection((host, int(port))) as upstream:
                self.request.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
                self.relay(upstream)
            return False
        place, path = target.removeprefix("http://").split("/", 1)
        host, port = place.split(":")
        kept = "".join(
            f"{name}: {value}\r\n" for name, value in fields.items()
            if name not in ("connection", "proxy-connection"))
        with socket.create_connection((host, int(port))) as upstream:
            upstream.sendall(
                f"{method} /{path} HTTP/1.1\r\n{kept}Connection: close\r\n\r\n".encode() + body)
            while data := upstream.recv(65536):
                self.request.sendall(data)
        return False

    def relay(self, upstream):
        sides = {self.request: upstream, upstream: self.request}
        while True:
            for side in select.select(list(sides), [], [])[0]:
                data = side.recv(65536)
                if not data:
                    return
                sides[side].sendall(data)

    def http2(self):
        """Answers each request with 200 and a word (RFC 9113), whatever its headers say."""
        self.reader.read(24)
        self.request.sendall(frame(4, 0, 0))
        while head := self.reader.read(9):
            length = int.from_bytes(head[:3], "big")
            kind, flags = head[3], head[4]
            stream = int.from_bytes(head[5:], "big") & 0x7FFFFFFF
            payload = self.reader.read(length)
            if kind == 4 and not flags & 1:
                self.request.sendall(frame(4, 1, 0))
            elif kind == 6 and not flags & 1:
                self.request.sendall(frame(6, 1, 0, payload))
            elif kind in (0, 1) and flags & 1:
                text = f"HTTP/2 {self.number}".encode()
                # 0x88 is `:status 200` of the static table (RFC 7541).
                self.request.sendall(frame(1, 4, stream, b"\x88") + frame(0, 1, stream, text))


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


context = Context()
with Server(("127.0.0.1", 0), Oddity) as server:
    print(f"ready {server.server_address[1]}", flush=True)
    server.serve_forever()

"""A modern MCP server and its authorization server in one, with the faults that are asked for.

Usage: authorization_server.py PORT [FAULT...]

Faults: wrong_issuer, no_pkce, iss_mismatch, iss_missing, other_resource, always_403, short (tokens
are good for a second), refuse_refresh.

The tool `read` needs the scope `read`, `write` the scope `write`. `POST /expire` ends all access
tokens; `GET /seen` tells what was asked. PyJWT checks the assertions of clients that sign, against
the public key in the file named by JWT_KEY.
"""

import base64
import hashlib
import json
import os
import secrets
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt

port = int(sys.argv[1])
faults = set(sys.argv[2:])
origin = f"http://127.0.0.1:{port}"
resource = f"{origin}/mcp"
lock = threading.Lock()
clients, codes, refreshes, tokens = {}, {}, {}, {}
seen = {"registrations": 0, "authorizations": [], "tokens": [], "revocations": 0, "calls": []}


def grant(client, scope, refreshable):
    token = "access-" + secrets.token_urlsafe(24)
    lifetime = 1 if "short" in faults else 3600
    tokens[token] = {"scope": scope.split(), "end": time.time() + lifetime}
    answer = {
        "access_token": token,
        "token_type": "Bearer",
        "expires_in": lifetime,
        "scope": scope,
    }
    if refreshable:
        answer["refresh_token"] = "refresh-" + secrets.token_urlsafe(24)
        refreshes[answer["refresh_token"]] = {"client": client, "scope": scope}
    return 200, answer


def authenticated(handler, form):
    """The client's id when it proved itself, else None."""
    header = handler.headers.get("Authorization", "")
    if header.startswith("Basic "):
        name, _, secret = base64.b64decode(header[6:]).decode().partition(":")
        return name if (name, secret) == ("machine", "machine-secret") else None
    if "client_assertion" in form:
        with open(os.environ["JWT_KEY"]) as file:
            key = file.read()
        try:
            claims = jwt.decode(
                form["client_assertion"],
                key,
                algorithms=["ES256", "RS256"],
                audience=origin,
                options={"require": ["exp", "iat", "jti", "sub", "iss"]},
            )
        except jwt.PyJWTError as error:
            print(error, file=sys.stderr)
            return None
        return claims["sub"] if claims["sub"] == claims["iss"] == "signer" else None
    return form.get("client_id") if form.get("client_id") in clients else None


def token(handler, form):
    kind = form.get("grant_type")
    client = authenticated(handler, form)
    seen["tokens"].append({"grant": kind, "scope": form.get("scope")})
    if client is None:
        return 401, {"error": "invalid_client", "error_description": json.dumps(form)}
    if form.get("resource") != resource:
        return 400, {"error": "invalid_target"}
    if kind == "client_credentials":
        return grant(client, form.get("scope", ""), False)
    if kind == "refresh_token":
        known = refreshes.pop(form.get("refresh_token"), None)
        if known is None or "refuse_refresh" in faults:
            # Repeats the secrets it was sent, as a careless server may.
            return 400, {"error": "invalid_grant", "error_description": json.dumps(form)}
        return grant(client, known["scope"], True)
    code = codes.pop(form.get("code"), None)
    if code is None or code["redirect"] != form.get("redirect_uri"):
        return 400, {"error": "invalid_grant"}
    digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
    if base64.urlsafe_b64encode(digest).decode().rstrip("=") != code["challenge"]:
        return 400, {"error": "invalid_grant", "error_description": "PKCE"}
    return grant(client, code["scope"], True)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=None, headers=()):
        data = json.dumps(body).encode() if body is not None else b""
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        with lock:
            self.get(urlsplit(self.path))

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        with lock:
            self.post(urlsplit(self.path).path, body)

    def get(self, target):
        if target.path == "/.well-known/oauth-protected-resource/mcp":
            named = "http://127.0.0.1:1/mcp" if "other_resource" in faults else resource
            return self.answer(200, {"resource": named, "authorization_servers": [origin]})
        if target.path == "/.well-known/oauth-authorization-server":
            document = {
                "issuer": "https://evil.example" if "wrong_issuer" in faults else origin,
                "authorization_endpoint": origin + "/authorize",
                "token_endpoint": origin + "/token",
                "registration_endpoint": origin + "/register",
                "revocation_endpoint": origin + "/revoke",
                "authorization_response_iss_parameter_supported": True,
                "code_challenge_methods_supported": ["S256"],
            }
            if "no_pkce" in faults:
                del document["code_challenge_methods_supported"]
            return self.answer(200, document)
        if target.path == "/authorize":
            return self.authorize({k: v[0] for k, v in parse_qs(target.query).items()})
        if target.path == "/seen":
            return self.answer(200, seen)
        self.answer(404)

    def authorize(self, query):
        seen["authorizations"].append(query)
        code = secrets.token_urlsafe(16)
        codes[code] = {
            "redirect": query["redirect_uri"],
            "challenge": query["code_challenge"],
            "scope": query.get("scope", ""),
        }
        back = {"code": code, "state": query["state"]}
        if "iss_missing" not in faults:
            back["iss"] = "https://evil.example" if "iss_mismatch" in faults else origin
        self.answer(302, None, [("Location", query["redirect_uri"] + "?" + urlencode(back))])

    def post(self, path, body):
        if path == "/mcp":
            return self.mcp(json.loads(body))
        if path == "/register":
            seen["registrations"] += 1
            client = "client-" + secrets.token_urlsafe(8)
            clients[client] = json.loads(body)
            return self.answer(201, {**clients[client], "client_id": client})
        form = {k: v[0] for k, v in parse_qs(body.decode(), keep_blank_values=True).items()}
        if path == "/token":
            return self.answer(*token(self, form))
        if path == "/revoke":
            seen["revocations"] += 1
            tokens.pop(form.get("token"), None)
            refreshes.pop(form.get("token"), None)
            return self.answer(200)
        if path == "/expire":
            tokens.clear()
            return self.answer(200)
        self.answer(404)

    def mcp(self, message):
        header = self.headers.get("Authorization", "")
        known = tokens.get(header.removeprefix("Bearer "))
        if header == "Bearer the-callers-own":
            known = {"scope": ["read"], "end": time.time() + 60}
        metadata = f'resource_metadata="{origin}/.well-known/oauth-protected-resource/mcp"'
        if known is None or known["end"] < time.time():
            challenge = f'Bearer {metadata}, scope="read"'
            return self.answer(401, None, [("WWW-Authenticate", challenge)])
        params = message.get("params", {})
        if message["method"] == "tools/call":
            name = params["name"]
            if name not in known["scope"] or "always_403" in faults:
                challenge = f'Bearer error="insufficient_scope", scope="{name}", {metadata}'
                return self.answer(403, None, [("WWW-Authenticate", challenge)])
            seen["calls"].append(name)
            result = {"content": [{"type": "text", "text": f"did {name}"}]}
        elif message["method"] == "tools/list":
            tool = {"inputSchema": {"type": "object"}, "annotations": {"readOnlyHint": True}}
            result = {"tools": [{"name": name, **tool} for name in ("read", "write")]}
        else:
            result = {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}}
        result["resultType"] = "complete"
        self.answer(200, {"jsonrpc": "2.0", "id": message["id"], "result": result})


server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
print(f"ready {resource}", flush=True)
server.serve_forever()

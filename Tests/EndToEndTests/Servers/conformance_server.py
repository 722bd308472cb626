"""The servers of a conformance run: one scenario each, judging what the client sends.

    conformance_server.py SCENARIO

Prints `ready URL`, then `context JSON` where the scenario has one. `GET /verdict` gives
{"seen": [facts that were observed], "faults": [rules that were broken]}.
"""

import base64
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODERN = "2026-07-28"
META = "io.modelcontextprotocol/"


def tool(name, properties=None, required=()):
    schema = {"type": "object", "properties": properties or {}, "required": list(required)}
    return {"name": name, "description": name, "inputSchema": schema}


def text(words):
    return {"content": [{"type": "text", "text": words}]}


class Scenario:
    """What all scenarios share: both eras, a list of tools, and the verdict."""

    context = None
    tools = []

    def __init__(self):
        self.seen, self.faults, self.lock = set(), set(), threading.Lock()

    def saw(self, fact):
        with self.lock:
            self.seen.add(fact)

    def check(self, holds, rule):
        if not holds:
            with self.lock:
                self.faults.add(rule)

    def verdict(self):
        with self.lock:
            return {"seen": sorted(self.seen), "faults": sorted(self.faults)}

    def get(self, http):
        http.plain(405)

    def post(self, http, message):
        method, params = message.get("method"), message.get("params") or {}
        if "id" not in message or method is None:
            self.notified(message)
            return http.plain(202)
        if method == "initialize":
            return self.initialize(http, message)
        if method == "server/discover":
            return self.discover(http, message)
        if method == "tools/list":
            self.saw("tools/list")
            return self.answer(http, message, {"tools": self.tools})
        if method == "tools/call":
            self.saw("tools/call " + params.get("name", ""))
            return self.call(http, message, params)
        return self.other(http, message, params)

    def notified(self, message):
        self.saw(message.get("method", "a response"))

    def initialize(self, http, message):
        self.saw("initialize")
        params = message["params"]
        self.check(params.get("protocolVersion", "") >= "2024-11-05", "protocolVersion is offered")
        self.check(params.get("protocolVersion") != MODERN, "a handshake version is offered")
        self.check(isinstance(params.get("capabilities"), dict), "capabilities are an object")
        self.check(params.get("clientInfo", {}).get("name"), "clientInfo has a name")
        self.check(params.get("clientInfo", {}).get("version"), "clientInfo has a version")
        self.check("mcp-protocol-version" not in http.headers, "initialize goes without a version header")
        result = {
            "protocolVersion": params.get("protocolVersion"),
            "capabilities": {"tools": {}, "resources": {}, "prompts": {}},
            "serverInfo": {"name": "conformance", "version": "1.0.0"},
        }
        http.json(200, {"jsonrpc": "2.0", "id": message["id"], "result": result})

    def discover(self, http, message):
        self.saw("server/discover")
        self.answer(http, message, {"supportedVersions": [MODERN], "capabilities": {"tools": {}}})

    def call(self, http, message, params):
        self.answer(http, message, text("done"))

    def other(self, http, message, params):
        self.refuse(http, message, -32601, "no such method", 404)

    def answer(self, http, message, result):
        if http.headers.get("mcp-protocol-version") == MODERN:
            result = {"resultType": "complete", "ttlMs": 0, "cacheScope": "private", **result}
        http.json(200, {"jsonrpc": "2.0", "id": message["id"], "result": result})

    def refuse(self, http, message, code, words, status, data=None):
        error = {"code": code, "message": words, **({"data": data} if data else {})}
        http.json(status, {"jsonrpc": "2.0", "id": message.get("id"), "error": error})


class Initialize(Scenario):
    pass


class ToolsCall(Scenario):
    tools = [tool("add_numbers", {"a": {"type": "number"}, "b": {"type": "number"}}, ("a", "b"))]

    def call(self, http, message, params):
        given = params.get("arguments", {})
        for name in ("a", "b"):
            value = given.get(name)
            self.check(isinstance(value, (int, float)) and not isinstance(value, bool), f"{name} is a number")
        self.answer(http, message, text("the sum"))


class SSERetry(Scenario):
    """Closes the stream of a call after its priming event; the answer waits at the resumed one."""

    tools = [tool("test_reconnection")]
    delay = 0.5

    def __init__(self):
        super().__init__()
        self.closed_at, self.message = None, None

    def initialize(self, http, message):
        message["params"]["protocolVersion"] = "2025-03-26"
        super().initialize(http, message)

    def call(self, http, message, params):
        self.message = message
        http.stream()
        http.event(f"id: call-1\nretry: {int(self.delay * 1000)}\ndata: \n\n")
        self.closed_at = time.monotonic()

    def get(self, http):
        if self.closed_at is None or http.headers.get("last-event-id") is None:
            return http.plain(405)
        waited = time.monotonic() - self.closed_at
        self.saw("resumed")
        self.check(waited >= self.delay - 0.05, "retry is waited for")
        self.check(waited <= self.delay * 2, "retry is not overslept")
        self.check(http.headers.get("last-event-id") == "call-1", "Last-Event-ID is the priming event's")
        http.stream()
        answer = {"jsonrpc": "2.0", "id": self.message["id"], "result": text("resumed")}
        http.event(f"id: call-2\nevent: message\ndata: {json.dumps(answer)}\n\n")


class ElicitationDefaults(Scenario):
    """Asks for input on the stream of the session, as servers do that relate it to no request."""

    tools = [tool("test_client_elicitation_defaults")]
    fields = {
        "name": {"type": "string", "default": "John Doe"},
        "age": {"type": "integer", "default": 30},
        "score": {"type": "number", "default": 95.5},
        "status": {"type": "string", "enum": ["active", "inactive"], "default": "active"},
        "verified": {"type": "boolean", "default": True},
    }

    def __init__(self):
        super().__init__()
        self.listening, self.called, self.answered = (threading.Event() for _ in range(3))

    def initialize(self, http, message):
        self.check("elicitation" in message["params"]["capabilities"], "elicitation is declared")
        super().initialize(http, message)

    def get(self, http):
        http.stream()
        self.listening.set()
        self.called.wait(20)
        schema = {"type": "object", "properties": self.fields, "required": []}
        request = {
            "jsonrpc": "2.0", "id": "ask-1", "method": "elicitation/create",
            "params": {"message": "please accept with defaults", "requestedSchema": schema},
        }
        http.event(f"event: message\ndata: {json.dumps(request)}\n\n")
        self.answered.wait(20)

    def notified(self, message):
        super().notified(message)
        if message.get("id") == "ask-1":
            result = message.get("result") or {}
            self.check(result.get("action") == "accept", "the question is accepted")
            for name, schema in self.fields.items():
                self.check(result.get("content", {}).get(name) == schema["default"], f"{name} has its default")
            self.answered.set()

    def call(self, http, message, params):
        self.check(self.listening.wait(10), "the session's stream is open")
        self.called.set()
        self.check(self.answered.wait(10), "the question is answered")
        self.answer(http, message, text("asked"))


class RequestMetadata(Scenario):
    """Every POST carries its metadata; the first is refused once for its version."""

    def __init__(self):
        super().__init__()
        self.refused = False

    def post(self, http, message):
        meta = (message.get("params") or {}).get("_meta") or {}
        version = meta.get(META + "protocolVersion")
        self.check(http.headers.get("mcp-protocol-version"), "the version header is on each POST")
        self.check(version, "protocolVersion is in _meta")
        self.check(version == http.headers.get("mcp-protocol-version"), "header and _meta agree")
        self.check(isinstance(meta.get(META + "clientCapabilities"), dict), "clientCapabilities are in _meta")
        self.check(meta.get(META + "clientInfo"), "clientInfo is in _meta")
        for capability in (meta.get(META + "clientCapabilities") or {}).values():
            self.check(isinstance(capability, dict), "each capability is an object")
        if not self.refused:
            self.refused = True
            self.saw("a refused version")
            data = {"supported": [MODERN], "requested": version or ""}
            return self.refuse(http, message, -32022, "unsupported protocol version", 400, data)
        super().post(http, message)


class StandardHeaders(Scenario):
    tools = [tool("test_headers"), tool("my-hyphenated-tool"), tool("größe 1")]
    resources = ["file:///path/to/file%20name.txt", "https://example.com/resource?id=123"]

    def post(self, http, message):
        method, params = message.get("method"), message.get("params") or {}
        self.check(http.headers.get("mcp-method") == method, f"Mcp-Method is {method}")
        self.check("mcp-session-id" not in http.headers, "no session in this era")
        target = params.get("uri") if method == "resources/read" else params.get("name")
        if method in ("tools/call", "resources/read", "prompts/get"):
            self.check(decoded(http.headers.get("mcp-name")) == target, f"Mcp-Name of {method}")
        super().post(http, message)

    def other(self, http, message, params):
        self.saw(message["method"])
        answers = {
            "resources/list": {"resources": [{"uri": uri, "name": uri} for uri in self.resources]},
            "resources/read": {"contents": []},
            "prompts/list": {"prompts": [{"name": "test_prompt"}]},
            "prompts/get": {"messages": []},
        }
        if message["method"] in answers:
            return self.answer(http, message, answers[message["method"]])
        super().other(http, message, params)


class CustomHeaders(Scenario):
    types = {
        "region": "string", "priority": "integer", "verbose": "boolean", "debug": "boolean",
        "empty_val": "string", "method": "string", "non_ascii_val": "string",
        "whitespace_val": "string", "control_char_val": "string", "crlf_val": "string",
        "tab_val": "string", "looks_encoded": "string",
    }
    given = {
        "region": "us-west1", "priority": 42, "verbose": False, "debug": True, "empty_val": "",
        "method": "test-method", "non_ascii_val": "Hello, 世界", "whitespace_val": " padded ",
        "control_char_val": "line1\nline2", "crlf_val": "line1\r\nX-Evil: 1", "tab_val": "\tindented",
        "looks_encoded": "=?base64?Zm9v?=", "query": "SELECT * FROM users",
    }
    tools = [
        tool(
            "test_custom_headers",
            {name: {"type": kind, "x-mcp-header": name.replace("_", "-")} for name, kind in types.items()}
            | {"query": {"type": "string"}},
        )
    ]
    context = {
        "toolCalls": [
            {"name": "test_custom_headers", "arguments": given},
            {"name": "test_custom_headers", "arguments": {"region": "us-east1", "verbose": None}},
        ]
    }

    def call(self, http, message, params):
        arguments = params["arguments"]
        self.saw(f"{len(arguments)} arguments")
        for name in self.types:
            value, header = arguments.get(name), http.headers.get("mcp-param-" + name.replace("_", "-"))
            if value is None:
                self.check(header is None, f"{name} is left out")
                continue
            wanted = {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
            self.check(decoded(header) == wanted, f"{name} is mirrored")
            if wanted != wanted.strip() or not wanted.isascii() or "\n" in wanted:
                self.check((header or "").startswith("=?base64?"), f"{name} is encoded")
        self.check("x-evil" not in http.headers, "no header is injected")
        self.check("mcp-param-query" not in http.headers, "query is not mirrored")
        self.answer(http, message, text("done"))


class InvalidToolHeaders(Scenario):
    tools = [tool("valid_tool", {"region": {"type": "string", "x-mcp-header": "Region"}})] + [
        tool("invalid_" + name, properties)
        for name, properties in {
            "empty": {"a": {"type": "string", "x-mcp-header": ""}},
            "space": {"a": {"type": "string", "x-mcp-header": "My Region"}},
            "injection": {"a": {"type": "string", "x-mcp-header": "Region\r\nX-Evil: 1"}},
            "array": {"a": {"type": "array", "x-mcp-header": "Region"}},
            "twice": {
                "a": {"type": "string", "x-mcp-header": "Region"},
                "b": {"type": "string", "x-mcp-header": "REGION"},
            },
        }.items()
    ]

    def call(self, http, message, params):
        self.check(params["name"] == "valid_tool", "an invalid tool is not called")
        self.answer(http, message, text("done"))


class RequestState(Scenario):
    """Input is asked for with a state, without one, and with a state alone."""

    names = ["echo_state", "no_state", "state_only", "unrelated", "no_result_type"]
    tools = [tool("test_mrtr_" + name) for name in names]
    question = {
        "confirm": {
            "method": "elicitation/create",
            "params": {
                "message": "please confirm",
                "requestedSchema": {"type": "object", "properties": {"confirmed": {"type": "boolean"}}},
            },
        }
    }

    def __init__(self):
        super().__init__()
        self.first = {}

    def call(self, http, message, params):
        name, state = params["name"].removeprefix("test_mrtr_"), params.get("requestState")
        answers = params.get("inputResponses")
        sent = json.dumps({"nonce": "n ü \" 1", "for": name})
        if name in ("unrelated", "no_result_type"):
            self.check(answers is None and state is None, "nothing leaks into another call")
            result = text("done")
            if name == "no_result_type":
                self.check(name not in self.first, "an absent resultType is complete")
                self.first[name] = message["id"]
                return http.json(200, {"jsonrpc": "2.0", "id": message["id"], "result": result})
            return self.answer(http, message, result)
        if name not in self.first:
            self.first[name] = message["id"]
            result = {"resultType": "input_required"}
            if name != "state_only":
                result["inputRequests"] = self.question
            if name != "no_state":
                result["requestState"] = sent
            return self.answer(http, message, result)
        self.saw("again " + name)
        self.check(message["id"] != self.first[name], "each round has an id of its own")
        self.check(state == (None if name == "no_state" else sent), f"the state of {name} is echoed exactly")
        if name != "state_only":
            self.check("confirm" in (answers or {}), f"the question of {name} is answered")
        self.answer(http, message, text("done"))


class NoDereference(Scenario):
    """A schema points to the network; nobody may follow it."""

    def __init__(self):
        super().__init__()
        self.tools = [tool("remote_schema", {"a": {"$ref": f"{server_url()}/schema.json"}})]

    def get(self, http):
        self.check("schema.json" not in http.path, "no $ref is fetched")
        http.plain(405)


def decoded(value):
    if value and value.startswith("=?base64?") and value.endswith("?="):
        return base64.b64decode(value[9:-2]).decode()
    return value


SCENARIOS = {
    "initialize": Initialize,
    "tools_call": ToolsCall,
    "sse-retry": SSERetry,
    "elicitation-sep1034-client-defaults": ElicitationDefaults,
    "request-metadata": RequestMetadata,
    "http-standard-headers": StandardHeaders,
    "http-custom-headers": CustomHeaders,
    "http-invalid-tool-headers": InvalidToolHeaders,
    "sep-2322-client-request-state": RequestState,
    "json-schema-ref-no-deref": NoDereference,
}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        if self.path == "/verdict":
            return self.json(200, scenario.verdict())
        scenario.get(self)

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("content-length", 0)))
        scenario.post(self, json.loads(body))

    def do_DELETE(self):
        self.plain(200)

    def plain(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def json(self, status, value):
        body = json.dumps(value, ensure_ascii=False).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def event(self, words):
        self.wfile.write(words.encode())
        self.wfile.flush()

    def log_message(self, *_):
        pass


def server_url():
    return f"http://127.0.0.1:{server.server_port}"


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
scenario = SCENARIOS[sys.argv[1]]()
print(f"ready {server_url()}/mcp", flush=True)
print("context " + json.dumps(scenario.context), flush=True)
server.serve_forever()

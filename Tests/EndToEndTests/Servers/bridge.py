"""The FastMCP bridge's documented REST interface, with real fastmcp clients behind it.

Usage: bridge.py PORT

`POST /fault` with {"fail": STATUS, "times": N} makes the next N calls fail with that status, once
the tool has not been run; {"health": TEXT} changes what the health page says.
"""

import asyncio
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from fastmcp import Client
from fastmcp.client.transports import SSETransport, StdioTransport, StreamableHttpTransport
from fastmcp.exceptions import ToolError

loop = asyncio.new_event_loop()
clients = {}
fault = {"fail": 0, "times": 0, "health": "healthy"}


def transport(wish):
    if wish["transport"] == "stdio":
        return StdioTransport(wish["command"], wish["args"], env=wish["env"] or None)
    kind = SSETransport if wish["transport"] == "sse" else StreamableHttpTransport
    return kind(wish["mcp_url"])


async def connect(wish):
    if wish["client_id"] in clients:
        return {"success": False, "error": f"client {wish['client_id']} is already connected"}
    client = Client(transport(wish))
    await client.__aenter__()
    clients[wish["client_id"]] = client
    return {"success": True, "message": "connected"}


async def disconnect(wish):
    client = clients.pop(wish["client_id"], None)
    if client is None:
        return None
    await client.__aexit__(None, None, None)
    return {"success": True}


async def list_tools(wish):
    client = clients.get(wish["client_id"])
    if client is None:
        return None
    tools = [tool.model_dump(mode="json", by_alias=True) for tool in await client.list_tools()]
    return {"success": True, "tools": tools}


async def call_tool(wish):
    client = clients.get(wish["client_id"])
    if client is None:
        return None
    try:
        result = await client.call_tool(wish["tool_name"], wish["arguments"])
    except ToolError as error:
        return {"success": False, "error": str(error)}
    content = [block.model_dump(mode="json", by_alias=True) for block in result.content]
    return {"success": True, "result": {"content": content}}


OPERATIONS = {
    "/api/connect": connect,
    "/api/disconnect": disconnect,
    "/api/list_tools": list_tools,
    "/api/call_tool": call_tool,
}


class Bridge(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        known = self.path == "/health"
        self.answer(200 if known else 404, {"status": fault["health"], "version": "1.0"})

    def do_POST(self):
        wish = self.body()
        if self.path == "/fault":
            fault.update(wish)
            return self.answer(200, fault)
        if self.path == "/api/call_tool" and fault["times"] > 0:
            fault["times"] -= 1
            return self.answer(fault["fail"], {"error": "a fault, as asked"})
        operation = OPERATIONS.get(self.path)
        if operation is None:
            return self.answer(404, {"error": "no such operation"})
        try:
            result = asyncio.run_coroutine_threadsafe(operation(wish), loop).result()
        except Exception as error:
            return self.answer(200, {"success": False, "error": str(error)})
        if result is None:
            return self.answer(404, {"error": f"unknown client {wish['client_id']}"})
        self.answer(200, result)

    def body(self):
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        pass


threading.Thread(target=loop.run_forever, daemon=True).start()
server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Bridge)
server.daemon_threads = True
print(f"ready http://127.0.0.1:{server.server_address[1]}", flush=True)
server.serve_forever()

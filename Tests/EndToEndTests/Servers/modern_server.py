"""The official SDK, 2.x: protocol revision 2026-07-28, stateless, answers in JSON.

Usage: modern_server.py PORT | modern_server.py stdio
"""

import sys

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.shared.exceptions import MCPError
from mcp.types import INVALID_PARAMS, ToolAnnotations

server = MCPServer("modern-fixture", version="1.0")


@server.tool(description="Gives its text back.", annotations=ToolAnnotations(readOnlyHint=True))
def echo(text: str) -> str:
    return text


@server.tool(
    description="Adds two integers.", annotations=ToolAnnotations(idempotentHint=True)
)
def add(a: int, b: int) -> int:
    return a + b


@server.tool(description="Always fails.")
def boom() -> str:
    raise ToolError("boom, as asked")


@server.tool(description="Answers with a JSON-RPC error instead of a result.")
def refuse() -> str:
    raise MCPError(INVALID_PARAMS, "refused, as asked")


if sys.argv[1] == "stdio":
    server.run("stdio")
else:
    from serving import serve

    serve(server.streamable_http_app(stateless_http=True, json_response=True), int(sys.argv[1]))

"""The official SDK, 1.x: protocol revision 2025-11-25 by handshake, sessions, answers as SSE.

Usage: handshake_server.py PORT | handshake_server.py stdio
"""

import sys

from mcp.server.fastmcp import FastMCP
from mcp.server.fastmcp.exceptions import ToolError
from mcp.types import ToolAnnotations

server = FastMCP("handshake-fixture", log_level="WARNING")


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


if sys.argv[1] == "stdio":
    server.run("stdio")
else:
    from serving import serve

    serve(server.streamable_http_app(), int(sys.argv[1]))

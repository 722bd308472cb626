"""fastmcp 4.x over HTTP as it comes out of the box: both eras, sessions in the older one.

Usage: fastmcp_server.py PORT
"""

import sys

from fastmcp import FastMCP
from fastmcp.exceptions import ToolError
from serving import serve

server = FastMCP("fastmcp-fixture", version="1.0")


@server.tool(description="Gives its text back.", annotations={"readOnlyHint": True})
def echo(text: str) -> str:
    return text


@server.tool(description="Adds two integers.", annotations={"idempotentHint": True})
def add(a: int, b: int) -> int:
    return a + b


@server.tool(description="Always fails.")
def boom() -> str:
    raise ToolError("boom, as asked")


serve(server.http_app(path="/mcp"), int(sys.argv[1]))

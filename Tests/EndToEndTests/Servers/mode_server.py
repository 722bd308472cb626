"""One library of others in one of its modes, with the whole surface of a server.

Usage: mode_server.py mcp1|mcp2|fastmcp stateless-json|stateless-sse|stateful-json|stateful-sse|sse PORT
       mode_server.py mcp1|mcp2|fastmcp stdio
"""

import asyncio
import sys

from pydantic import BaseModel

library, mode = sys.argv[1], sys.argv[2]

if library == "mcp2":
    from mcp.server import MCPServer as Server
    from mcp.server.mcpserver import Context
else:
    if library == "mcp1":
        from mcp.server.fastmcp import Context, FastMCP as Server
    else:
        from fastmcp import Context, FastMCP as Server

server = Server("mode-fixture")


class Answer(BaseModel):
    sure: bool


@server.tool()
def echo(text: str) -> str:
    return text


@server.tool()
async def slow(steps: int, ctx: Context) -> str:
    """Reports its progress, half a second a step."""
    for step in range(steps):
        await ctx.report_progress(step + 1, steps, f"step {step + 1}")
        await asyncio.sleep(0.5)
    return "done"


QUESTION = {
    "sure": {
        "method": "elicitation/create",
        "params": {"message": "Are you sure?", "requestedSchema": Answer.model_json_schema()},
    }
}

if library == "mcp1":

    @server.tool()
    async def ask(ctx: Context) -> str:
        """Asks for a person's input in the middle of the call."""
        result = await ctx.elicit("Are you sure?", schema=Answer)
        return f"you said {result.action}"

else:
    from mcp.types import InputRequiredResult

    @server.tool()
    async def ask(ctx: Context) -> str | InputRequiredResult:
        """Asks for a person's input, and is called again with the answer."""
        if ctx.input_responses is None:
            return InputRequiredResult.model_validate({"inputRequests": QUESTION})
        return f"you said {ctx.input_responses['sure'].action}"


@server.tool()
async def grow(ctx: Context) -> str:
    """Adds a tool, and says so to who listens."""

    def extra() -> str:
        return "extra"

    if library == "fastmcp":
        server.tool(extra)
    else:
        server.add_tool(extra, name="extra")
    await announce(ctx)
    return "grown"


async def announce(ctx):
    if library == "mcp1":
        await ctx.session.send_tool_list_changed()
    elif library == "mcp2":
        await ctx.notify_tools_changed()


@server.resource("note://today")
def today() -> str:
    return "a note"


@server.prompt()
def greet(name: str) -> str:
    return f"Say hello to {name}."


def app():
    if mode == "sse":
        return server.http_app(transport="sse") if library == "fastmcp" else server.sse_app()
    options = {"stateless_http": mode.startswith("stateless"), "json_response": mode.endswith("json")}
    if library == "fastmcp":
        return server.http_app(path="/mcp", **options)
    if library == "mcp2":
        return server.streamable_http_app(**options)
    server.settings.stateless_http = options["stateless_http"]
    server.settings.json_response = options["json_response"]
    return server.streamable_http_app()


if mode == "stdio":
    if library == "fastmcp":
        server.run("stdio", show_banner=False)
    else:
        server.run("stdio")
else:
    from serving import serve

    serve(app(), int(sys.argv[3]))

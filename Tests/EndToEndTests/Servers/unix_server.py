"""The official SDK, 2.x, behind a Unix socket.

Usage: unix_server.py SOCKET http|sse
"""

import sys

import uvicorn
from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecuritySettings

server = MCPServer("unix-fixture", version="1.0")


@server.tool()
def echo(text: str) -> str:
    return text


class AnnouncingServer(uvicorn.Server):
    async def startup(self, sockets=None):
        await super().startup(sockets=sockets)
        if self.started:
            print("ready", flush=True)


path, style = sys.argv[1:3]
# The SDK believes no Host without a port; behind a socket there is no rebinding to fear.
open_to_all = TransportSecuritySettings(enable_dns_rebinding_protection=False)
make = server.sse_app if style == "sse" else server.streamable_http_app
app = make(transport_security=open_to_all)
AnnouncingServer(uvicorn.Config(app, uds=path, log_level="warning", timeout_graceful_shutdown=1)).run()

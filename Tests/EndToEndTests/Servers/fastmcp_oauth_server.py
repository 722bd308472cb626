"""fastmcp 4.x with its own authorization server in memory, which consents by itself.

Usage: fastmcp_oauth_server.py PORT
"""

import sys

from fastmcp import FastMCP
from fastmcp.server.auth.auth import ClientRegistrationOptions, RevocationOptions
from fastmcp.server.auth.providers.in_memory import InMemoryOAuthProvider
from serving import serve

port = int(sys.argv[1])
provider = InMemoryOAuthProvider(
    base_url=f"http://127.0.0.1:{port}",
    client_registration_options=ClientRegistrationOptions(
        enabled=True, valid_scopes=["read"], default_scopes=["read"]
    ),
    revocation_options=RevocationOptions(enabled=True),
    required_scopes=["read"],
)
server = FastMCP("fastmcp-oauth", version="1.0", auth=provider)


@server.tool(description="Gives its text back.", annotations={"readOnlyHint": True})
def echo(text: str) -> str:
    return text


serve(server.http_app(path="/mcp"), port)

"""How the fixture servers listen: on one loopback port, with a line when they are ready."""

import uvicorn


class AnnouncingServer(uvicorn.Server):
    """Prints `ready URL` once the port accepts connections, and nothing else on standard output."""

    async def startup(self, sockets=None):
        await super().startup(sockets=sockets)
        if self.started:
            print(f"ready http://127.0.0.1:{self.config.port}/mcp", flush=True)


def serve(app, port):
    config = uvicorn.Config(
        app, host="127.0.0.1", port=port, log_level="warning", timeout_graceful_shutdown=1
    )
    AnnouncingServer(config).run()

"""The Python clients, measured: clients.py sdk|fastmcp URL REQUESTS AT-ONCE TEXT.

Prints requests a second and microseconds of processor time a request.
"""

import asyncio
import resource
import sys
import time
from contextlib import asynccontextmanager

library, url, count, width, text = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]


@asynccontextmanager
async def connected():
    if library == "sdk":
        from mcp import Client
    else:
        from fastmcp import Client
    async with Client(url) as client:
        yield client


def processor():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def main():
    async with connected() as client:
        await client.list_tools()

        async def lane(requests):
            for _ in range(requests):
                result = await client.call_tool("echo", {"text": text})
                assert not getattr(result, "is_error", False)

        await lane(20)
        began, used = time.perf_counter(), processor()
        await asyncio.gather(*(lane(count // width) for _ in range(width)))
        done = count // width * width
        print(f"{done / (time.perf_counter() - began):.0f} {(processor() - used) / done * 1e6:.3f}")


asyncio.run(main())

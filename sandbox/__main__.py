"""Run a sandbox by itself, for anyone who wants to point a client at it."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys

from sandbox.app import Sandbox


async def _serve(port: int, members: int, time_scale: float) -> None:
    async with Sandbox(port=port, time_scale=time_scale) as sandbox:
        server = sandbox.add_server(members=members)
        lines = (
            f"base address   {sandbox.base_url}",
            f"API            {sandbox.base_url}/api/v10",
            f"gateway        {sandbox.gateway_url}",
            f"bot token      {sandbox.token}",
            f"server         {server.name}, {len(server.members)} people, id {server.id}",
            "Ctrl-C ends it.",
        )
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
        enough = asyncio.Event()
        # By name, for whoever starts it in the background, where a shell has Ctrl-C ignored.
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, enough.set)
        await enough.wait()


def main() -> None:
    """Read the command line and serve until Ctrl-C."""
    parser = argparse.ArgumentParser(
        prog="python -m sandbox",
        description="A Discord server on your own machine: REST and gateway, for bots under test.",
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1 (default: any free)")
    parser.add_argument(
        "--members", type=int, default=20, help="people in it (default: %(default)s)"
    )
    parser.add_argument(
        "--time-scale",
        type=float,
        default=1.0,
        metavar="K",
        help="divide the periods of Discord's rate limits by K (default: %(default)s)",
    )
    arguments = parser.parse_args()
    asyncio.run(_serve(arguments.port, arguments.members, arguments.time_scale))


if __name__ == "__main__":
    main()

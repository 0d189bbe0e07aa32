"""Hearth in a process of its own, with a probe in its loop and a line to ask it through.

`python -m benchmarks.probed` takes its settings from the environment, as `python -m bot run` does.
Each line it reads is a question and is answered by one line of JSON:

    felt              what the probe felt since the last time, in milliseconds
    look SERVER       takes one look at a whole server; how long that took, in seconds
    stop              hangs up
"""

import asyncio
import json
import logging
import resource
import sys
import time
from typing import Any

from benchmarks.probe import Probe
from bot.app import App
from bot.collecting import leave_alone_what_stays
from bot.rules.scope import ServerScope
from bot.settings import load


async def main() -> None:
    """Run until told to stop."""
    loop = asyncio.get_running_loop()
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with Probe() as probe, App.open(load(None)) as app:
        leave_alone_what_stays(lambda full: app.client.add_listener(full, "on_ready"))
        running = asyncio.create_task(app.run())
        await app.client.wait_for("connect")
        probe.take()  # nobody could press anything until now
        while (line := (await lines.readline()).decode().split()) and line[0] != "stop":
            answer: dict[str, Any] = probe.take()
            if line[0] == "look":
                answer = await look(app, int(line[1])) | probe.take()
            answer["memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            sys.stdout.write(json.dumps(answer) + "\n")
            sys.stdout.flush()
        await app.close()
        await running


async def look(app: App, server_id: int) -> dict[str, float]:
    """Look at a whole server, as is done at every start, after a gap and hourly."""
    caretaker = app.client.reconciler.of(server_id)
    begun, worked = time.perf_counter(), time.process_time()
    left = await caretaker.differences([ServerScope(server_id)])
    if left != (set(), set()):
        raise RuntimeError(f"the server is not as the tables say: {left}")
    return {"look_s": time.perf_counter() - begun, "look_cpu_s": time.process_time() - worked}


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(main())

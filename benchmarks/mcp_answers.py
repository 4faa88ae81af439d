"""How long `gates mcp` takes to answer over a record of many runs, as the SDK's own client sees it.

    python benchmarks/mcp_answers.py [--runs 10000] [--calls 50]

A project is made with so many runs of two tests each, of which one in ten failed. The server is started as a client
starts it; printed are the seconds until it is ready, those of the first question, which reads all the logs, and
of each tool the median and the longest of so many calls after that, from request to answer, and the server's CPU for
one, in milliseconds. On a machine that does something else beside it only the last is to be believed.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import anyio
import psutil
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from support import many_runs
from support.many_runs import Failure

BUDGET_MS = 500


def main() -> int:
    """Print the figures; 1 where an answer takes longer than its budget."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--calls", type=int, default=50)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "sample"
        root.mkdir()
        (root / "pyproject.toml").write_text('[project]\nname = "sample"\nversion = "1"\n', "utf-8")
        failing = {
            n: Failure(f"tests/test_it.py::test_{n % 97}", f"boom {n % 13}", stack=f"{n % 13:016x}")
            for n in range(9, given.runs, 10)
        }
        many_runs.write(root, given.runs, failing)
        slowest = anyio.run(measured, root, given.runs, given.calls)
    print(f"the longest of all: {slowest:.0f} ms (budget {BUDGET_MS} ms)")
    return int(slowest > BUDGET_MS)


async def measured(root: Path, runs: int, calls: int) -> float:
    """The longest answer in milliseconds, after the first."""
    server = StdioServerParameters(
        command=sys.executable, args=["-P", "-m", "gates", "mcp", "--project", str(root)], env=dict(os.environ)
    )
    began = time.perf_counter()
    async with Client(stdio_client(server), read_timeout_seconds=600) as client:
        print(f"{runs:,} runs; ready after {time.perf_counter() - began:.2f} s")
        began = time.perf_counter()
        listed = await client.call_tool("tasks_list", {"limit": 100})
        print(f"first question, which reads all logs: {time.perf_counter() - began:.2f} s")
        assert listed.structured_content is not None
        trace = listed.structured_content["runs"][0]["trace_id"]
        asking: list[tuple[str, dict[str, Any]]] = [
            ("tasks_list", {"limit": 100}),
            ("tasks_list", {"status": "failed", "test": "*test_9*", "limit": 20}),
            ("tasks_list", {"since": "2026-10-02", "requirement": "REQ-1", "limit": 20, "offset": runs // 2}),
            ("tasks_by_trace", {"trace_id": trace, "limit": 100}),
            ("tasks_last_failed", {"limit": 100}),
            ("gates_explain", {"code": "COV004"}),
            ("gates_explain", {"code": "ruff:F401"}),
        ]
        (process,) = psutil.Process().children()
        return max([await timed(client, process, tool, arguments, calls) for tool, arguments in asking])


async def timed(client: Client, process: psutil.Process, tool: str, arguments: dict[str, Any], calls: int) -> float:
    """The longest of so many calls, in milliseconds."""
    took = []
    before = process.cpu_times()
    for _ in range(calls):
        began = time.perf_counter()
        answer = await client.call_tool(tool, arguments)
        took.append((time.perf_counter() - began) * 1000)
        assert not answer.is_error, answer.content
    spent = process.cpu_times()
    cpu = (spent.user + spent.system - before.user - before.system) * 1000 / calls
    print(f"{tool:<18} {statistics.median(took):5.0f} median {max(took):5.0f} most {cpu:5.0f} CPU  {arguments}")
    return max(took)


if __name__ == "__main__":
    sys.exit(main())

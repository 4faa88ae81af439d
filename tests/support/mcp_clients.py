"""The SDK's own client, talking to `gates mcp` in a process of its own."""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import anyio
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import CallToolResult, TextContent

from support.commands import environment

T = TypeVar("T")
Body = Callable[[Client], Awaitable[T]]
ARGV = ("-P", "-m", "gates", "mcp")


def asked(
    body: Body[T],
    *words: str,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    mode: str = "auto",
    command: str = sys.executable,
) -> T:
    """What `body` returns, given a client of the server that these words start, `gates mcp` by default."""

    async def talk() -> T:
        with (cwd.parent / "server.err").open("w") as errors:
            started = StdioServerParameters(command=command, args=list(words or ARGV), env=environment(env), cwd=cwd)
            async with Client(stdio_client(started, errlog=errors), mode=mode, read_timeout_seconds=60) as client:
                return await body(client)

    return anyio.run(talk)


def call(root: Path, tool: str, arguments: Mapping[str, Any] | None = None, **more: Any) -> CallToolResult:
    """What one tool answers about the project at `root`."""

    async def once(client: Client) -> CallToolResult:
        return await client.call_tool(tool, dict(arguments or {}))

    return asked(once, cwd=root, **more)


def told(result: CallToolResult) -> str:
    """The text of an answer."""
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text

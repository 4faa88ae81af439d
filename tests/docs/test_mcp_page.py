"""The page about `gates mcp`: what it has clients start is a server that answers."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("mcp", reason="mcp is not installed: pip install -e '.[mcp]'")

from mcp import Client

from support.mcp_clients import asked

PAGE = (Path(__file__).parents[2] / "docs/how-to/mcp.md").read_text("utf-8")
BLOCK = re.compile(r"<!-- client: ([\w ]+) -->\n```json\n(.*?)```", re.DOTALL)
CLIENTS = {name: json.loads(text) for name, text in BLOCK.findall(PAGE)}
PLACES = re.compile(r"\$\{CLAUDE_PROJECT_DIR:-\.\}|\$\{workspaceFolder\}|/path/to/myproj")


def test_every_snippet_is_for_a_client() -> None:
    assert list(CLIENTS) == ["Claude Code", "VS Code", "Cursor", "Claude Desktop"]
    assert PAGE.count("```json") == len(CLIENTS)


@pytest.mark.parametrize("name", CLIENTS)
def test_a_snippet_starts_the_server(tmp_path: Path, name: str) -> None:
    (key, servers), *more = CLIENTS[name].items()
    (server,) = servers.values()
    assert (key, more) == ("servers" if name == "VS Code" else "mcpServers", [])
    assert set(server) <= {"type", "command", "args"}
    assert server.get("type", "stdio") == "stdio"
    assert PLACES.sub("", server["command"]) == "/.venv/bin/python"
    project = tmp_path / "sample"
    project.mkdir()
    (project / "pyproject.toml").write_text('[project]\nname = "sample"\n')
    words = [PLACES.sub(lambda _: str(project), word) for word in server["args"]]
    (tmp_path / "elsewhere").mkdir()

    async def body(client: Client) -> list[Any]:
        return [tool.name for tool in (await client.list_tools()).tools]

    tools = asked(body, *words, cwd=tmp_path / "elsewhere", command=sys.executable)
    assert re.findall(r"(?m)^\| `(\w+)` \|", PAGE) == sorted(tools, key=PAGE.index)

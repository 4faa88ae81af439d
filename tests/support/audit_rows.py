"""Audit rows: how an advisory service or an input can be bad, what a tool says then, and what the gate says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gates.builtin.audit.planting import WHOLE, record
from support.advisory_service import DROPS, HANGS, JSON, SENT, Answer, Held, Spoil, always, as_json, with_records

PYPROJECT = """\
[project]
name = "sample"
version = "1.0"
requires-python = ">=3.11"
dependencies = ["alpha==1.0", "beta==2.0"]

[tool.gates.audit]
service-url = "{url}"
service-timeout = {patience}
{settings}
"""
LOCK = """\
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "alpha"
version = "1.0"
source = {{ registry = "{url}/simple" }}

[[package]]
name = "beta"
version = "2.0"
source = {{ registry = "{url}/simple" }}

[[package]]
name = "sample"
version = "1.0"
source = {{ virtual = "." }}
dependencies = [
    {{ name = "alpha" }},
    {{ name = "beta" }},
]

[package.metadata]
requires-dist = [
    {{ name = "alpha", specifier = "==1.0" }},
    {{ name = "beta", specifier = "==2.0" }},
]
"""
NO_LOCK = """\
version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "sample"
version = "1.0"
source = {{ virtual = "." }}
"""
PINS = "alpha==1.0\nbeta==2.0\n"
OSV = ("--vulnerability-service", "osv", "--requirement", "requirements.txt", "--no-deps", "--disable-pip")
STRICT = ("--strict", *OSV)
UV = ("audit", "--frozen", "--no-cache")
VULNERABLE = record("PYSEC-2026-1", "alpha", [*WHOLE, {"fixed": "1.1"}], "CVE-2026-1")
HTML: Answer = (200, {"Content-Type": "text/html"}, b"<html><body>Please log in</body></html>")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One way to fail: what is wrong, the tool's arguments, exit code and words, and the gate's verdict and words.

    `open` is whether the tool is green there. `files` are laid over the project; `{url}` in them is the service.
    """

    id: str
    wrong: str
    tool: str = "pip-audit"
    argv: tuple[str, ...] = OSV
    spoil: Spoil | None = None
    vulnerable: bool = True
    files: Mapping[str, str] = field(default_factory=dict)
    settings: str = ""
    down: bool = False
    intercepted: bool = False
    code: int
    words: str
    verdict: str = "undecided"
    reason: str | None
    says: str

    @property
    def open(self) -> bool:
        """Whether the tool passes."""
        return self.code == 0

    @property
    def held(self) -> Held:
        """What the service knows."""
        return Held((VULNERABLE, "alpha==1.0")) if self.vulnerable else Held()

    def written(self, url: str) -> dict[str, str]:
        """The files of the project."""
        usual = {"uv.lock": LOCK} if self.tool == "uv" else {"requirements.txt": PINS}
        patience = "1" if self.id == "hangs" else "30"
        pyproject = PYPROJECT.replace("{settings}", self.settings).replace("{patience}", patience)
        own = {"pyproject.toml": pyproject, **usual, **self.files}
        return {name: text.format(url=url) if name != "requirements.txt" else text for name, text in own.items()}


def _pages(held: Held, method: str, path: str, body: bytes) -> Answer | None:
    asked = json.loads(body) if body else {}
    control = asked.get("package", {}).get("name") == "requests"
    return None if control else as_json({"vulns": [], "next_page_token": "more"})


def _only_page(held: Held, method: str, path: str, body: bytes) -> Answer | None:
    return as_json({"next_page_token": "more"})


def _short(held: Held, method: str, path: str, body: bytes) -> Answer | None:
    return as_json({"results": []}) if path.endswith("querybatch") else None


def _withdrawn(held: Held, method: str, path: str, body: bytes) -> Answer | None:
    status, headers, data = held.answer(path, body)
    value = json.loads(data)
    for one in value.get("vulns", []):
        one["withdrawn"] = "2020-01-01T00:00:00Z"
    return status, headers, json.dumps(value).encode()


def _nothing_known(held: Held, method: str, path: str, body: bytes) -> Answer | None:
    return as_json({"results": [{}] * len(json.loads(body)["queries"])}) if body else None


def _record(change: Mapping[str, Any]) -> Spoil:
    return with_records(change)


SERVICE = "the advisory service"
ABOUT = "the advisory PYSEC-2026-1 of alpha 1.0"
MORE = "the answer about alpha 1.0 has more pages, and pip-audit did not ask for them"
NONE_HERE = SERVICE + " has no advisories at this address (404)"
HALF: Answer = (200, JSON, b'{"vulns": [')
CUT: Answer = (200, {**JSON, "announced": str(SENT)}, b'{"vulns": [')
CLEAN = "{service} knows nothing of CVE-2018-18074 in requests 2.19.1, so that nothing it calls clean is"
GREEN = "No known vulnerabilities found"
UV_GREEN = "Found no known vulnerabilities"

ROWS = (
    Row(id="empty-object", wrong="`{}` to every question", spoil=always(as_json({})), code=0, words=GREEN,
        reason="evidence_missing", says=CLEAN),
    Row(id="empty-list", wrong='`{"vulns": []}` to every question', spoil=always(as_json({"vulns": []})), code=0,
        words=GREEN, reason="evidence_missing", says=CLEAN),
    Row(id="json-list", wrong="`[]` to every question", spoil=always(as_json([])), code=0, words=GREEN,
        reason="unparsable_output", says=SERVICE + " answers with JSON that is no object"),
    Row(id="no-affected", wrong="an advisory without `affected`", spoil=with_records({}, "affected"), code=0,
        words=GREEN, reason="evidence_incomplete",
        says=ABOUT + " has no `affected`, so that nobody can say which versions it is about"),
    Row(id="schema-2", wrong="an advisory of schema 2.0.0", spoil=_record({"schema_version": "2.0.0"}), code=0,
        words=GREEN, reason="schema_version_mismatch",
        says=ABOUT + " is of OSV schema 2.0.0, and 1 is understood"),
    Row(id="withdrawn-ahead", wrong="an advisory that is withdrawn in the year 2999",
        spoil=_record({"withdrawn": "2999-01-01T00:00:00Z"}), code=0, words=GREEN, verdict="failed",
        reason="tool_crashed", says="pip-audit was told of PYSEC-2026-1 in alpha 1.0, and left it out"),
    Row(id="withdrawn", wrong="everything is withdrawn", spoil=_withdrawn, code=0, words=GREEN,
        reason="evidence_missing", says=CLEAN),
    Row(id="pages", wrong="the first page of an answer, empty, and a token for more", spoil=_pages, code=0, words=GREEN,
        reason="evidence_incomplete", says=MORE),
    Row(id="only-page", wrong="a token for more, and no list", spoil=_only_page, code=1, words="KeyError: 'vulns'",
        reason="evidence_incomplete", says=MORE),
    Row(id="404", wrong="404 to every question", spoil=always((404, JSON, b"{}")), code=1, words="ServiceError",
        reason="evidence_missing", says=NONE_HERE),
    Row(id="404-own-service", wrong="404 to every question, asked of its own service (`-s pypi`)", intercepted=True,
        argv=("--vulnerability-service", "pypi", *OSV[2:]), spoil=always((404, JSON, b"{}")), code=0,
        words="could not be audited", reason="evidence_missing", says=NONE_HERE),
    Row(id="429", wrong="429 to every question", spoil=always((429, JSON, b"{}")), code=1, words="ServiceError",
        reason="network_unavailable", says=SERVICE + " turns questions away because there were too many (429)"),
    Row(id="500", wrong="500 to every question", spoil=always((500, JSON, b"{}")), code=1, words="ServiceError",
        reason="network_unavailable", says=SERVICE + " fails (500)"),
    Row(id="html", wrong="a login page (HTML) with 200", spoil=always(HTML), code=1, words="JSONDecodeError",
        reason="unparsable_output", says=SERVICE + " answers with a web page (HTML) in place of advisories"),
    Row(id="redirect", wrong="a redirect to a login page", spoil=always((302, {"Location": "/login"}, b"")), code=1,
        words="TooManyRedirects", reason="network_unavailable",
        says=SERVICE + " sends elsewhere (302), as a login page does"),
    Row(id="cut", wrong="an answer that is cut off", spoil=always(CUT),
        code=1, words="IncompleteRead", reason="evidence_incomplete",
        says=SERVICE + " ended in the middle of an answer"),
    Row(id="not-json", wrong="half an answer, announced as a whole", spoil=always(HALF), code=1,
        words="JSONDecodeError", reason="unparsable_output",
        says=SERVICE + " answers with what is not JSON, or is cut off"),
    Row(id="other-object", wrong="an object of another API", spoil=always(as_json({"message": "hello"})), code=1,
        words="KeyError: 'vulns'", reason="unparsable_output",
        says=SERVICE + " answers with an object that is no answer of OSV's API"),
    Row(id="hangs", wrong="no answer in time", argv=(*OSV, "--timeout", "1"), spoil=always(HANGS), code=1,
        words="ReadTimeout", reason="timeout", says=SERVICE + " did not answer within 1 s"),
    Row(id="drops", wrong="a connection that is closed without an answer", spoil=always(DROPS), code=1,
        words="RemoteDisconnected", reason="network_unavailable",
        says=SERVICE + " closed the connection without an answer"),
    Row(id="refused", wrong="nobody listens", down=True, code=1, words="Connection refused",
        reason="network_unavailable", says=SERVICE + " refuses the connection"),
    Row(id="empty-requirements", wrong="an empty requirements file, with `--strict`", argv=STRICT,
        files={"requirements.txt": ""}, code=0, words=GREEN, reason="nothing_examined",
        says="requirements.txt names no distribution at all"),
    Row(id="no-path", wrong="a `--path` that does not exist, with `--strict`",
        argv=("--strict", "--vulnerability-service", "osv", "--path", "nowhere"), code=0, words=GREEN,
        settings='source = "requirements"\nrequirements = ["nowhere.txt"]', reason="evidence_missing",
        says="`source` is requirements, and there is no nowhere.txt"),
    Row(id="repository", wrong="a requirement from a repository", vulnerable=False,
        files={"requirements.txt": PINS + "gamma @ git+https://127.0.0.1/gamma\n"}, code=0,
        words="URL requirements cannot be pinned", verdict="failed", reason=None,
        says="gamma was not audited: it comes from a repository"),
    Row(id="editable", wrong="an editable requirement from a repository", vulnerable=False,
        files={"requirements.txt": PINS + "-e git+https://127.0.0.1/gamma#egg=gamma\n"}, code=0,
        words="URL requirements cannot be pinned", verdict="failed", reason=None,
        says="gamma was not audited: it comes from a repository"),
    Row(id="unpinned", wrong="a requirement without a version", vulnerable=False,
        files={"requirements.txt": PINS + "gamma\n"}, code=1, words="requirement gamma is not pinned", verdict="failed",
        reason=None, says="gamma was not audited: no version of it is pinned"),
    Row(id="uv-short", tool="uv", argv=UV, wrong='`{"results": []}` to two questions', spoil=_short, code=0,
        words="Found no known vulnerabilities and no adverse project statuses in 2 packages",
        reason="evidence_incomplete", says=SERVICE + " gave 0 answers to 2 questions"),
    Row(id="uv-empty", tool="uv", argv=UV, wrong="an empty answer to every question",
        spoil=_nothing_known,
        code=0, words=UV_GREEN, reason="evidence_missing", says=CLEAN),
    Row(id="uv-ignored", tool="uv", argv=UV, wrong="`ignore` in [tool.uv.audit]: no reason, no end",
        settings='[tool.uv.audit]\nignore = ["PYSEC-2026-1"]', code=0, words=UV_GREEN, verdict="failed", reason=None,
        says="alpha 1.0 has the known vulnerability PYSEC-2026-1 (CVE-2026-1); fixed in 1.1"),
    Row(id="uv-nothing", tool="uv", argv=UV, wrong="a lock without a dependency", files={"uv.lock": NO_LOCK}, code=0,
        words=UV_GREEN, reason="evidence_stale",
        says="uv.lock does not have alpha, beta, which pyproject.toml asks for"),
    Row(id="uv-object", tool="uv", argv=UV, wrong="`{}` to every question", spoil=always(as_json({})), code=2,
        words="missing field `results`", reason="unparsable_output",
        says=SERVICE + " answers to a list of questions without `results`"),
    Row(id="uv-404", tool="uv", argv=UV, wrong="404 to every question", spoil=always((404, JSON, b"{}")), code=2,
        words="404 Not Found", reason="evidence_missing", says=NONE_HERE),
    Row(id="uv-html", tool="uv", argv=UV, wrong="a login page (HTML) with 200", spoil=always(HTML), code=2,
        words="error",
        reason="unparsable_output", says=SERVICE + " answers with a web page (HTML) in place of advisories"),
    Row(id="uv-malformed", tool="uv", argv=UV, wrong="an advisory whose range has an empty event",
        spoil=_record({"affected": [{"package": {"ecosystem": "PyPI", "name": "alpha"},
                                     "ranges": [{"type": "ECOSYSTEM", "events": [{}]}]}]}),
        code=2, words="error", verdict="failed", reason="tool_crashed",
        says="alpha 1.0 has the known vulnerability PYSEC-2026-1"),
)  # fmt: skip
"""Every row of the table in docs/explanation/audit-failings.md, in its order."""

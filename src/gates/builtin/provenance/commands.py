"""Commands: what `gates provenance` and `gates provenance verify` do beside reading words and printing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from gates.builtin.attested import dists as files
from gates.builtin.attested import envelope, expected, facts, judging, keyless, keys, opening, result, statement
from gates.builtin.attested.expected import Expected, Key, Workflow
from gates.builtin.attested.facts import Dist, Kind
from gates.builtin.attested.judging import Judged
from gates.builtin.provenance import dependencies, making, release, report, sealing, source
from gates.builtin.provenance.source import NotAttested, Source
from gates.builtin.provenance.trust import DAY
from gates.errors import UsageError

if TYPE_CHECKING:
    from gates.project.facts import Project

BESIDE = ("{}.sigstore.json", "{}.sigstore", "{}.provenance", "{}.publish.attestation", "{}.slsa.attestation")
TOGETHER = "*.intoto.jsonl"
ISSUER = facts.GITHUB
NoLibrary, KeyRefused, generate = keys.NoLibrary, keys.KeyRefused, keys.generate
Release, judge_release = release.Release, release.judge
seal, unseal, SealRefused = sealing.seal, sealing.unseal, sealing.SealRefused


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be attested, and how; `packages` is pip's installation report, `record` that of the gate `repro`."""

    dists: tuple[str, ...]
    output: Path
    key: str | None
    keyless: bool
    builder: str
    record: str
    packages: str | None
    byproducts: tuple[str, ...]
    report: str | None
    gates: tuple[str, ...]
    unsigned: bool = False


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """What was signed: the lines of the file, and the statements in them."""

    data: bytes
    dists: tuple[Dist, ...]
    statements: tuple[str, ...]
    source: Source


def make(
    project: Project, wish: Wish, environ: Mapping[str, str], now: datetime, redact: Callable[[str], str] = str
) -> Made:
    """The signed statements; nothing is signed that `redact` would change.

    Raises:
        NotAttested: the tree is not clean, the report not green, or something that belongs in it is not known.
        KeyRefused: there is nothing to sign with.
        NoLibrary: what signs is not installed.
        UsageError: a file is not there.
    """
    paths = files.find(wish.dists)
    dists = files.read(paths)
    at = source.of(project, environ)
    _clean(project, (*paths, wish.output, *_named(wish)))
    builder = wish.builder or _workflow(environ)
    if not builder:
        raise UsageError("--builder is missing: the statement has to name who built it, such as a URL of your builder")
    packages, tools = _packages(project, wish, dists)
    beside = [making.byproduct(Path(one)) for one in wish.byproducts]
    payloads = []
    if wish.report is not None:
        verified = report.attested(Path(wish.report), at, wish.gates)
        beside.append(making.byproduct(Path(wish.report), "application/json"))
        payloads.append(statement.written(dists, result.TYPE, verified))
    payloads.insert(
        0,
        making.provenance(
            dists,
            at,
            packages,
            tools,
            builder=builder,
            now=now,
            byproducts=beside,
            invocation=_invocation(environ),
        ),
    )
    if any(redact(payload.decode()) != payload.decode() for payload in payloads):
        raise NotAttested(
            "a secret stands in what would be signed: in --builder, a file's name or the remote's address"
        )
    return Made(
        data=b"".join(line + b"\n" for line in _signed(payloads, wish, environ)),
        dists=dists,
        statements=tuple(payload.decode() for payload in payloads),
        source=at,
    )


def _signed(payloads: Sequence[bytes], wish: Wish, environ: Mapping[str, str]) -> list[bytes]:
    if wish.unsigned:
        return []
    if wish.keyless:
        return [keyless.sign(payload) for payload in payloads]
    signer = keys.private(wish.key, environ)
    return [envelope.sign(payload, signer) for payload in payloads]


def _named(wish: Wish) -> tuple[Path, ...]:
    """What is read or written beside the artifacts, and need not be committed."""
    given = (wish.key, wish.packages, wish.report, *wish.byproducts)
    return tuple(Path(one) for one in given if one is not None and "PRIVATE KEY" not in one)


def _clean(project: Project, known: Sequence[Path]) -> None:
    git = project.git
    changed = source.changes(git, known) if git is not None else []
    if changed:
        more = f" and {len(changed) - 1} more" if len(changed) > 1 else ""
        raise NotAttested(f"the tree is not that of the commit: {changed[0]}{more} differs; commit it, or put it away")


def _packages(project: Project, wish: Wish, dists: Sequence[Dist]) -> tuple[Any, Mapping[str, str]]:
    if wish.packages is not None:
        return dependencies.installed(Path(wish.packages)), {}
    return dependencies.recorded(project.root / wish.record, dists)


def _workflow(environ: Mapping[str, str]) -> str:
    """The identity that a CI job on GitHub signs with."""
    server, name = environ.get("GITHUB_SERVER_URL", ""), environ.get("GITHUB_WORKFLOW_REF", "")
    return f"{server}/{name}" if server and name else ""


def _invocation(environ: Mapping[str, str]) -> str:
    names = ("GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT")
    server, repository, run, attempt = (environ.get(name, "") for name in names)
    return f"{server}/{repository}/actions/runs/{run}/attempts/{attempt}" if all((server, repository, run)) else ""


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be verified, whom to trust, and what is expected, as the command line has it ("" is not given)."""

    dists: tuple[str, ...]
    attestations: tuple[str, ...]
    public_key: str
    builder: str
    repository: str
    workflow: str
    ref: str
    issuer: str
    commit: str
    version: str
    kind: Kind
    max_days: float | None
    report: str
    gates: tuple[str, ...]
    byproducts: tuple[str, ...]


class Verified(msgspec.Struct, frozen=True, kw_only=True):
    """What was looked at, and what is to be said of it."""

    dists: tuple[Dist, ...]
    judged: Judged


def verify(asked: Asked, now: datetime, redact: Callable[[str], str] = str) -> Verified:
    """Whether the attestations say what is asked, offline; what is told of them goes through `redact`.

    Raises:
        UsageError: it is left open whom to trust or what to expect, or a file is not there.
        KeyRefused: the public key cannot be used.
        NoLibrary: what verifies is not installed.
    """
    wanted = _expected(asked)
    paths = files.find(asked.dists)
    dists = files.read(paths)
    key = keys.public(Path(asked.public_key)) if isinstance(wanted.trust, Key) else None
    named = [Path(one) for one in asked.attestations] or _beside(paths)
    opened = opening.opened(named, wanted.trust, key, dists)
    judged = judging.judge(opened, dists, wanted, now)
    told = (msgspec.structs.replace(one, message=redact(one.message)) for one in judged.objections)
    return Verified(dists=dists, judged=msgspec.structs.replace(judged, objections=tuple(told)))


def _expected(asked: Asked) -> Expected:
    trust = _trust(asked)
    if isinstance(trust, Key) and not (asked.commit or asked.ref):
        raise UsageError("--commit or --ref is missing: an attestation of another release could be replayed")
    repository = asked.repository
    if isinstance(trust, Key) and repository and expected.SLUG.fullmatch(repository):
        repository = f"https://github.com/{repository}"
    return Expected(
        trust=trust,
        commit=expected.commit(asked.commit),
        repository=repository,
        ref=asked.ref,
        version=asked.version,
        kind=asked.kind,
        oldest=None if asked.max_days is None else asked.max_days * DAY,
        judged=bool(asked.report or asked.gates),
        gates=asked.gates,
        report=files.digest(_file(asked.report)) if asked.report else "",
        byproducts=files.read(_file(one) for one in asked.byproducts),
    )


def _trust(asked: Asked) -> Key | Workflow:
    """Whom to trust: a key with its builder, or a workflow with its repository and ref; none of it may be left open."""
    if asked.public_key or asked.builder:
        if asked.workflow:
            raise UsageError(
                "trust either a key (--public-key, --builder) or a workflow (--repository, --workflow, --ref)"
            )
        missing = [
            name for name, value in (("--public-key", asked.public_key), ("--builder", asked.builder)) if not value
        ]
        if missing:
            raise UsageError(f"{missing[0]} is missing: a key is trusted for one builder")
        return Key(builder=asked.builder)
    given = {"--repository": asked.repository, "--workflow": asked.workflow, "--ref": asked.ref}
    missing = [name for name, value in given.items() if not value]
    if len(missing) == len(given):
        raise UsageError("say whom to trust: --public-key and --builder, or --repository, --workflow and --ref")
    if missing:
        raise UsageError(f"{missing[0]} is missing: without it, more than the workflow that releases would be trusted")
    return expected.workflow(asked.repository, asked.workflow, asked.ref, asked.issuer)


def _beside(paths: Sequence[Path]) -> list[Path]:
    """The attestations that lie where the artifacts do."""
    named = [path.with_name(form.format(path.name)) for path in paths for form in BESIDE]
    shared = [one for folder in dict.fromkeys(path.parent for path in paths) for one in sorted(folder.glob(TOGETHER))]
    return [path for path in (*named, *shared) if path.is_file()]


def _file(name: str) -> Path:
    path = Path(name)
    if not path.is_file():
        raise UsageError(f"there is no file {name}")
    return path

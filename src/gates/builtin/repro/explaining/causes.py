"""Causes: for a difference and the factor behind it, one sentence that says why, and what mends it."""

from __future__ import annotations

import msgspec

from gates.builtin.built.artifact import Kind
from gates.builtin.repro.explaining import contexts, snippets
from gates.builtin.repro.explaining.contexts import MADE, Made
from gates.builtin.repro.facts import RANDOM, UNEXPLAINED, Difference

CONTAINED = {"mtime", "mode", "owner", "order", "header", "compressed", "gzip-mtime", "gzip-header", "pax", "type"}
"""Attributes that whoever packs the archive gives, and a wrapper around the backend makes even."""
FAMILIES = {
    "setuptools": "setuptools", "flit_core": "flit_core", "hatchling": "hatchling", "poetry": "poetry-core",
    "pdm": "pdm-backend", "maturin": "maturin", "scikit_build_core": "scikit-build-core", "mesonpy": "meson-python",
    "uv_build": "uv_build",
}  # fmt: skip
"""The distribution by the first part of `build-backend`."""
PLACES = {
    "setuptools": "setup.py", "hatchling": "the build hook (hatch_build.py)", "pdm-backend": "pdm_build.py",
    "poetry-core": "the script in [tool.poetry.build]", "scikit-build-core": "CMakeLists.txt",
    "meson-python": "meson.build", "maturin": "build.rs",
}  # fmt: skip
"""Where a project's own code runs while this backend builds."""
WORDS = {
    "path": "the path of the source", "umask": "the umask", "modes": "the permission bits of the checkout",
    "owner": "the owner of the source and of the build", "timezone": "the time zone", "locale": "the locale",
    "hashseed": "the hash seed", "clock": "the time of the build", "mtimes": "the modification times of the checkout",
    "listing": "the order in which folders are listed", "user": "the user who builds", "cpus": "the processors",
    "rebuild": "an earlier build in the same tree", RANDOM: "every build", UNEXPLAINED: "nothing that was tried",
}  # fmt: skip
FIELDS = {
    "mtime": "the modification time", "mode": "the permission bits", "owner": "the owner", "order": "the order",
    "header": "other header fields", "compressed": "the compressed bytes", "gzip-mtime": "the time in the gzip header",
    "gzip-header": "the gzip header", "pax": "extended headers", "type": "the type", "link": "the target of a link",
}  # fmt: skip
MACHINE_CODE = {"so", "pyd", "dylib", "a", "lib", "o"}
FIRST_SUSPECTS: dict[str, tuple[str, ...]] = {
    "mode": ("umask", "modes"),
    "mtime": ("clock", "mtimes", "timezone"),
    "owner": ("owner", "user"),
    "order": ("listing", "hashseed", "cpus"),
    "type": ("umask", "path", "user"),
    "link": ("path", "user", "clock"),
    "gzip-mtime": ("clock", "mtimes"),
    "gzip-header": ("path", "clock", "cpus"),
    "compressed": ("cpus", "clock"),
    "pax": ("locale", "mtimes", "clock", "owner"),
    "header": ("umask", "locale", "mtimes"),
    "name": ("clock", "rebuild", "timezone"),
    "member": ("rebuild", "locale", "clock", "hashseed", "path"),
    "RECORD": ("listing", "hashseed", "clock", "rebuild", "path"),
    "METADATA": ("clock", "hashseed", "locale", "listing", "rebuild"),
    "generator": ("rebuild",),
}
CONTENT_SUSPECTS = (
    "clock", "hashseed", "listing", "path", "locale", "timezone", "umask", "mtimes", "user", "modes", "cpus", "rebuild",
    "owner",
)  # fmt: skip


class Explained(msgspec.Struct, frozen=True, kw_only=True):
    """Why it differs, in one sentence, and the setting, version or snippet that mends it with this backend."""

    cause: str
    cure: str


def explained(difference: Difference, backend: str, version: str) -> Explained:
    """The cause and the cure; `backend` is the entry of `build-backend`, `version` that of its distribution."""
    family = _family(backend)
    if difference.attribute in CONTAINED and not _made_inside(difference) and not _misspelled(difference):
        return _container(difference, family, backend, version)
    made = _made(difference)
    names = {"it": difference.member or "the artifact", "factor": _factors(difference), "pin": f"{family}=={version}"}
    together = f" (only together: {_factors(difference)})" if "+" in difference.factor else ""
    place = PLACES.get(family, "")
    where = f"In {place}, or what it calls: " if place and made in MADE.values() else ""
    return Explained(cause=_sentence(made.cause.format(**names) + together), cure=where + made.cure.format(**names))


def suspects(kind: Kind, attribute: str) -> tuple[str, ...]:
    """The factors that most often change such an attribute, the likeliest first."""
    if kind == "sdist" and attribute == "mode":
        return ("modes", "umask")
    return FIRST_SUSPECTS.get(attribute, CONTENT_SUSPECTS)


def _family(backend: str) -> str:
    top = backend.partition(":")[0].partition(".")[0]
    return FAMILIES.get(top, top or "setuptools")


def _factors(difference: Difference) -> str:
    return " and ".join(WORDS.get(one, one) for one in difference.factor.split("+"))


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}." if text.startswith("the ") else f"{text}."


def _made_inside(difference: Difference) -> bool:
    """Whether it is in an archive that is itself a member, which the backend packs as it is."""
    return "!/" in difference.member or (bool(difference.member) and difference.attribute.startswith("gzip"))


def _misspelled(difference: Difference) -> bool:
    """Whether it is a name that another locale cannot write."""
    return (
        "locale" in difference.factor.split("+")
        and difference.attribute in {"pax", "member", "header", "order", "name"}
        and not difference.member.isascii()
    )


def _made(difference: Difference) -> Made:
    """What the project's own code makes so: the first that fits."""
    attribute, factors = difference.attribute, set(difference.factor.split("+"))
    suffix = difference.member.rpartition(".")[2]
    fitting = (
        (_misspelled(difference), contexts.SPELLED),
        (attribute == "generator", contexts.DRIFTED),
        (attribute == "name", contexts.NAMED),
        (attribute == "RECORD" and "of members that differ" in difference.before, contexts.LISTED),
        (attribute in CONTAINED, contexts.NESTED),
        (suffix == "pyc" and not factors.isdisjoint({"path", "mtimes"}), contexts.COMPILED),
        (suffix in MACHINE_CODE and "path" in factors, contexts.LINKED),
        (attribute == "member" and difference.factor in {RANDOM, UNEXPLAINED}, contexts.ADDED),
    )
    other = MADE.get(difference.factor.split("+")[0], MADE[UNEXPLAINED])
    return next((made for fits, made in fitting if fits), other)


def _container(difference: Difference, family: str, backend: str, version: str) -> Explained:
    field = FIELDS[difference.attribute]
    of = f" of {difference.member}" if difference.member else ""
    if difference.factor in {RANDOM, UNEXPLAINED}:
        cause = f"{_factors(difference).capitalize()} changes {field}{of} in the {difference.kind}"
    else:
        cause = f"{family} {version} writes {field}{of} into the {difference.kind} after {_factors(difference)}"
    return Explained(cause=_sentence(cause), cure=_repacked(difference, family, backend, version))


def _repacked(difference: Difference, family: str, backend: str, version: str) -> str:
    """What makes the archive itself even: a version or setting of the backend, else a wrapper around it."""
    if difference.factor == UNEXPLAINED and difference.attribute in {"compressed", "gzip-header"}:
        return (
            "Build with the Python and the zlib that the other was built with: compressed bytes are the same only for"
            " one zlib. gates repro --record writes down which ones they are."
        )
    if family == "pdm-backend" and difference.attribute == "gzip-mtime":
        return snippets.PDM_HOOK
    if family == "poetry-core" and difference.attribute == "mtime" and version.partition(".")[0] in {"0", "1"}:
        return 'requires = ["poetry-core>=2.0"] in [build-system]: older ones copy the times of the checkout.'
    if family == "hatchling" and difference.attribute in {"mtime", "mode", "gzip-mtime"}:
        return "Remove `reproducible = false` from [tool.hatch.build] (true is the default)."
    if family == "flit_core" and difference.attribute == "mtime":
        return (
            "export SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) where it is built: without it flit copies file times."
        )
    return snippets.wrapper(backend)

"""Contexts: what each factor does to a content that is made while building, and the change that makes it even."""

from __future__ import annotations

from typing import NamedTuple

from gates.builtin.repro.facts import RANDOM, UNEXPLAINED


class Made(NamedTuple):
    """Why a generated content follows a factor (`{it}` is the member), and what to write instead."""

    cause: str
    cure: str


SEEDED = (
    "Derive it from the input: random.Random(0) in place of random, uuid.uuid5(uuid.NAMESPACE_URL, name) in place of"
    " uuid.uuid4(); no id(), no names of temporary files."
)
MADE: dict[str, Made] = {
    "hashseed": Made(
        "{it} is written in the order of a set or of hash(), which the hash seed changes",
        "Write sorted(names) in place of the set, and hashlib in place of hash().",
    ),
    "clock": Made(
        "{it} holds the time of the build",
        'Take the time from the source: datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC) in place of'
        " datetime.now().",
    ),
    "timezone": Made(
        "{it} holds a time in the zone of the machine that builds",
        "Write times in UTC: time.gmtime() in place of time.localtime(), datetime.fromtimestamp(seconds, UTC).",
    ),
    "umask": Made(
        "{it} follows the umask of whoever builds",
        "Set modes where the file is made: os.chmod(path, 0o644) (0o755 for a program); write no st_mode into a file.",
    ),
    "modes": Made(
        "{it} follows the permission bits of the checkout, of which git keeps only the executable one",
        "Set modes where the file is copied: shutil.copyfile(source, path); os.chmod(path, 0o644); write no st_mode"
        " into a file.",
    ),
    "owner": Made(
        "{it} follows the owner of the files or the user who builds",
        "Write no uid, gid or name of a user: os.stat(path).st_uid and os.getuid() are not part of the source.",
    ),
    "user": Made(
        "{it} follows the name or the home of the user who builds",
        'Write no getpass.getuser(), Path.home() or os.path.expanduser("~"), and read no settings from the home.',
    ),
    "listing": Made(
        "{it} follows the order in which the file system lists a folder",
        'Sort what is listed: sorted(os.listdir(path)), sorted(Path(folder).rglob("*")), sorted(glob.glob(pattern)).',
    ),
    "locale": Made(
        "{it} follows the locale, by the encoding of files, the order of text or the words of a tool",
        'Name the encoding, open(path, encoding="utf-8"), sort without locale.strxfrm, start tools with LC_ALL=C.',
    ),
    "path": Made(
        "{it} holds the absolute path of the folder in which it was built",
        "Write paths relative to the project: os.path.relpath(path, root); or the module's name in place of __file__.",
    ),
    "mtimes": Made(
        "{it} follows the modification times of the checkout, which git sets to the time of the clone",
        'Take the time from the source: int(os.environ["SOURCE_DATE_EPOCH"]) in place of os.stat(path).st_mtime.',
    ),
    "cpus": Made(
        "{it} follows the number of processors, by a count that is written or the order in which workers end",
        "Write no os.cpu_count(), and keep the order of the input: executor.map(...) or sorted(results) in place of"
        " as_completed(...).",
    ),
    "rebuild": Made(
        "{it} holds what an earlier build in the same tree left behind",
        'Write generated files anew, open(path, "w") in place of "a", and remove what a build leaves (build/,'
        " *.egg-info) before the next: git clean -xdn lists it.",
    ),
    RANDOM: Made("{it} is another at every build, under the same circumstances too", SEEDED),
    UNEXPLAINED: Made(
        "{it} differs, and no circumstance that was tried alone or in pairs shows it again",
        "Look at the excerpt for what is written; a time, a random number and the state of another process are likely. "
        + SEEDED,
    ),
}  # fmt: skip

COMPILED = Made(
    "{it} is compiled code, which holds the path and the modification time of its source",
    "Leave .pyc files out of the artifact (export PYTHONDONTWRITEBYTECODE=1, exclude __pycache__), or compile them with"
    ' python -m compileall --invalidation-mode unchecked-hash -s "$PWD" src',
)
LINKED = Made(
    "{it} is machine code, in which the compiler wrote the folder it worked in",
    'Map the folder away: export CFLAGS="-ffile-prefix-map=$PWD=." (MSVC: /Brepro /pathmap).',
)
LISTED = Made("RECORD lists the hashes of members that differ", "Mend those members; RECORD follows them.")
SPELLED = Made(
    "the name {it} is not ASCII, and a locale without UTF-8 writes it otherwise, leaves the file out, or fails",
    "Rename it in ASCII letters (git mv); until then build with PYTHONUTF8=1.",
)
NESTED = Made(
    "{it} is in an archive that the build writes with times, owners and modes of the moment",
    "Give each member fixed fields: gzip.compress(data, mtime=0); zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)) with"
    " external_attr = 0o644 << 16; tarfile.TarInfo(name) with nothing but size set; names sorted.",
)
NAMED = Made(
    "the version in the artifact's name follows {factor}",
    "Take the version from a tag or a file of the tree, and no time, count of builds or name of a machine into it.",
)
DRIFTED = Made(
    "Another version of the backend built it",
    'Pin it: requires = ["{pin}"] in [build-system].',
)
ADDED = Made(
    "{it} is in one of two builds alone",
    "List the files to pack by name or sorted pattern, and keep what a build generates apart from what it packs.",
)

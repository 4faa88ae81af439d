"""Calls: which functions of Python and of the standard library read which factor."""

from __future__ import annotations

import re
from collections.abc import Mapping

TIME = ("time", "time_ns", "clock_gettime", "clock_gettime_ns", "localtime", "gmtime", "strftime", "ctime", "asctime")
LOCAL = ("localtime", "mktime", "strftime", "ctime", "tzset")
FILES = ("stat", "lstat", "access", "mkdir", "rmdir", "remove", "unlink", "rename", "replace", "listdir", "scandir")
NAMES = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo", "create_connection")
REACH = ("connect", "connect_ex", "sendto", "sendmsg")

_BUILT_IN: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("clock", "time", TIME),
    ("clock", "date", ("now", "today", "utcnow")),
    ("timezone", "time", LOCAL),
    ("timezone", "date", ("now", "today", "fromtimestamp", "astimezone", "timestamp", "utcoffset")),
    ("locale", "time", ("strftime",)),
    ("locale", "date", ("strftime", "__format__")),
    ("locale", "_locale", ("setlocale", "getencoding", "nl_langinfo", "localeconv", "strcoll", "strxfrm")),
    ("locale", "io", ("open", "TextIOWrapper", "text_encoding")),
    ("locale", "sys", ("getfilesystemencoding", "getdefaultencoding")),
    ("rngseed", "posix", ("urandom", "getrandom")),
    ("rngseed", "nt", ("urandom",)),
    ("listing", "posix", ("listdir", "scandir")),
    ("listing", "nt", ("listdir", "scandir")),
    ("cpus", "posix", ("cpu_count", "sched_getaffinity", "process_cpu_count", "_cpu_count")),
    ("cpus", "nt", ("cpu_count", "process_cpu_count")),
    ("user", "posix", ("geteuid", "getuid", "getegid", "getgid", "getlogin", "access", "setuid", "chown", "open")),
    ("user", "io", ("open",)),
    ("umask", "io", ("open",)),
    ("umask", "posix", ("open", "mkdir", "mkfifo", "mknod", "umask", "chmod")),
    ("directory", "posix", ("getcwd", "getcwdb", *FILES)),
    ("directory", "io", ("open",)),
    ("directory", "_posixsubprocess", ("fork_exec",)),
    ("environment", "_posixsubprocess", ("fork_exec",)),
    ("network", "_socket", NAMES),
    ("network", "socket", REACH),
    ("parallel", "socket", ("bind",)),
    ("parallel", "posix", ("getpid", *FILES)),
    ("parallel", "io", ("open",)),
    ("load", "time", ("sleep", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "time", "process_time")),
    ("load", "select", ("select", "poll")),
    ("order", "posix", FILES),
    ("order", "io", ("open",)),
    ("repeat", "posix", FILES),
    ("repeat", "io", ("open",)),
)
_PYTHON: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("locale", "locale", ("format_string", "setlocale", "str", "atof", "atoi", "getlocale", "currency", "localize")),
    ("rngseed", "uuid", ("uuid1", "uuid4")),
    ("rngseed", "random", ("shuffle", "sample", "choice", "choices", "randint", "randrange", "uniform", "gauss")),
    ("rngseed", "secrets", ("token_bytes", "token_hex", "token_urlsafe", "choice", "randbelow")),
    ("rngseed", "rng", ("urandom", "getrandom")),
    ("user", "getpass", ("getuser",)),
    ("cpus", "cpus", ("<lambda>", "sched_getaffinity")),
    ("network", "network", ("reach", "sendmsg", "getaddrinfo", "gethost")),
    ("network", "socket", ("create_connection",)),
    ("parallel", "tempfile", ("gettempdir", "gettempdirb")),
    ("load", "threading", ("wait", "join")),
    ("load", "_base", ("result", "wait", "as_completed")),
    ("load", "queue", ("get",)),
    ("load", "load", ("sleep",)),
    ("load", "tasks", ("wait_for",)),
)
LINES: Mapping[str, re.Pattern[str]] = {
    "timezone": re.compile(r"\btime\.(timezone|tzname|altzone|daylight)\b|\bget_localzone\b"),
    "locale": re.compile(r":n\}|\bLOCALE\b|\bstr(coll|xfrm)\b"),
    "rngseed": re.compile(r"\b(np|numpy)\.random\b|\bdefault_rng\b"),
    "optimize": re.compile(r"^\s*assert\b|\b__debug__\b|\.__doc__\b|\bsys\.flags\b"),
    "directory": re.compile(r"\b__file__\b"),
    "parallel": re.compile(r"\b(PYTEST_XDIST\w*|worker_id|gettempdir|mktemp)\b"),
    "load": re.compile(r"\btimeout\s*=|\bwait_for\("),
    "clock": re.compile(r"datetime64\(.now|Timestamp\.(now|today)"),
}
"""Reads that are no call that can be seen: by the text of a line that runs."""

VARIABLES: Mapping[str, re.Pattern[str]] = {
    "timezone": re.compile(r"TZ(DIR)?"),
    "locale": re.compile(r"LC_\w+|LANG(UAGE)?|PYTHON(UTF8|IOENCODING)"),
    "parallel": re.compile(r"PYTEST_XDIST\w*|TMPDIR|TEMP|TMP"),
    "directory": re.compile(r"PWD|OLDPWD"),
    "user": re.compile(r"USER|LOGNAME|HOME"),
    "hashseed": re.compile(r"PYTHONHASHSEED"),
    "optimize": re.compile(r"PYTHONOPTIMIZE"),
}


def built_in(factors: frozenset[str]) -> dict[tuple[str, str], list[str]]:
    """By owner and name of a function in C, the factors that it reads."""
    return _by_name(_BUILT_IN, factors)


def in_python(factors: frozenset[str]) -> dict[tuple[str, str], list[str]]:
    """By stem of the file and name of a function in Python, the factors that it reads."""
    return _by_name(_PYTHON, factors)


def _by_name(
    rows: tuple[tuple[str, str, tuple[str, ...]], ...], kept: frozenset[str]
) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for factor, owner, names in rows:
        for name in names if factor in kept else ():
            found.setdefault((owner, name), []).append(factor)
    return found

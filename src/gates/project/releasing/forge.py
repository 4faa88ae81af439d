"""Forge: where the project is hosted, and the page there that compares two releases."""

from __future__ import annotations

import re
from urllib.parse import quote

from gates.project.git import Git

_SCP = re.compile(r"(?:[\w.+-]+@)?(?P<host>[\w.-]+\.[\w-]+|localhost):(?!//|\d+/)(?P<path>[^\s]+)")
_URL = re.compile(
    r"(?P<scheme>https?|ssh|git|git\+ssh)://(?:[^@/\s]*@)?(?P<host>[\w.-]+)(?::(?P<port>\d+))?/(?P<path>\S+)"
)
HEAD = "HEAD"


def home(remote: str) -> str | None:
    """The address of the page of a repository, out of the URL of a remote; None for a folder or a file.

    Forms are https, ssh and `git@host:path`; a name and a token in it are left out.
    """
    found = _URL.fullmatch(remote.strip()) or _SCP.fullmatch(remote.strip())
    if found is None:
        return None
    parts = found.groupdict()
    web = parts.get("scheme") in {"http", "https"} and parts.get("port")
    path = re.sub(r"\.git/?$|/+$", "", parts["path"].lstrip("/"))
    return f"https://{parts['host']}{f':{web}' if web else ''}/{path}" if "/" in path else None


def compare(page: str, old: str, new: str) -> str:
    """The address that compares two tags or branches. GitHub, Gitea and Forgejo have one form."""
    host = page.split("/")[2]
    first, second = quote(old, safe="/"), quote(new, safe="/")
    if "gitlab" in host:
        return f"{page}/-/compare/{first}...{second}"
    if "bitbucket" in host:
        return f"{page}/branches/compare/{second}%0D{first}"
    return f"{page}/compare/{first}...{second}"


def page_of(git: Git | None) -> str | None:
    """The page of the repository that the remote `origin` names, or else the first remote; None without one.

    Raises:
        GitError: git did not answer in time.
    """
    if git is None:
        return None
    names = (git.ask("config", "--get", "remote.origin.url"), git.ask("config", "--get-regexp", r"^remote\..*\.url$"))
    urls = (one.split(" ")[-1] for one in names if one)
    return next((page for page in map(home, urls) if page is not None), None)

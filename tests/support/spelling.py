"""A command gate with all that one can have: findings, a generated file and a patch; all three rules can fire."""

KEYS = """
argv = ["python", "tools/spell.py"]
files = ["docs/*.md"]
exit-codes = [0, 1]
parser = "regex"
pattern = '^(?P<path>[^:]+):(?P<line>[0-9]+): (?P<code>[A-Z0-9]+) (?P<message>.+)$'
unchanged = ["index.txt"]
canary = "tools/spell.patch"
inputs = ["docs/**", "tools/**"]
"""
"""The keys of its table beside `name`."""

SCRIPT = '''\
"""Names every misspelt word, and writes an index."""

import pathlib

found = [
    f"{path.as_posix()}:{number}: S1 teh"
    for path in sorted(pathlib.Path("docs").glob("*.md"))
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
    if "teh" in line
]
print("\\n".join(found))
pathlib.Path("index.txt").write_text("a.md\\n", "utf-8")
raise SystemExit(1 if found else 0)
'''

FILES = {
    "docs/a.md": "the text\n",
    "index.txt": "a.md\n",
    "tools/spell.py": SCRIPT,
    "tools/spell.patch": "--- a/docs/a.md\n+++ b/docs/a.md\n@@ -1 +1 @@\n-the text\n+teh text\n",
}

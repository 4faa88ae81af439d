"""Gates of a project's own that can be proved, or that cannot for one reason each; written into the project."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

PLUGIN = '''
from gates.model.canary import Canary, Planted
from gates.model.decision import Decision
from gates.model.evidence import Counted, Facts, counted, refuse
from gates.model.finding import finding
from gates.model.gate import Applies, CachePolicy, Gate, GateSettings, Inputs
from gates.model.measure import Denominator
from gates.model.reason import Reason
from gates.model.rule import Rule
from gates.plugins.hookspecs import hookimpl


class Evidence(Facts, frozen=True, kw_only=True):
    files: Counted[str]
    lines: Counted[str]


def rule(code, **changes):
    return Rule(**{"code": code, "name": code.lower(), "summary": "A TODO.", "explanation": "It was left.",
                   "fix": "Do it.", **changes})


def plant(name="planted.txt", text="TODO\\n", line=1, path=None):
    def act(context):
        (context.project.root / name).write_text(text)
        return Planted(path=path or name, line=line)
    return act


class Todo(Gate):
    """Counts the lines of text files that say TODO."""

    name, title, rules, Evidence, Settings = "todo", "no TODO is left", (rule("TDO001"),), Evidence, GateSettings
    planting = staticmethod(plant())

    def applies(self, project, settings):
        return Applies(because="there are text files")

    def inputs(self, project, settings):
        return Inputs(globs=("**/*.txt",))

    def collect(self, context):
        for tool in self.tools:
            if tool in context.environ.get("GATES_HIDE", "").split(","):
                return refuse("tool_missing", f"{tool} is not there", "pip install it")
        files = context.project.tree.matching(("**/*.txt",))
        texts = {path: (context.project.root / path).read_text("utf-8") for path in files}
        found = [f"{path}:{number}" for path, text in texts.items()
                 for number, line in enumerate(text.splitlines(), 1) if "TODO" in line]
        return Evidence(files=counted(files), lines=counted(found))

    def decide(self, evidence, settings, now):
        places = [one.rpartition(":") for one in evidence.lines.items]
        found = tuple(finding(self.rules[0], "a TODO", path=path, line=int(line)) for path, _, line in places)
        return Decision(denominator=Denominator(count=evidence.files.count, unit="files"), findings=found)

    def canaries(self):
        return [Canary(rule=self.rules[0].code, title="a line that says TODO", plant=self.planting)]


def made(name, **changes):
    code = name.upper().replace("-", "") + "001"
    return type(name.title(), (Todo,), {"name": name, "rules": (rule(code),), **changes})


def green(self, evidence, settings, now):
    return Decision(denominator=Denominator(count=1, unit="files"))


def red(self, evidence, settings, now):
    found = finding(self.rules[0], "a TODO", path="notes.txt", line=1)
    return Decision(denominator=Denominator(count=1, unit="files"), findings=(found,))


def crash(self, evidence, settings, now):
    if evidence.lines.count:
        raise RuntimeError("a bug")
    return green(self, evidence, settings, now)


def unfit(context):
    return Reason(code="does_not_apply", message="there is no such place here", fix="make one")


def unset(context):
    return Reason(code="not_configured", message="the limit is not set", fix="set it")


def broken(context):
    raise RuntimeError("a bug in the canary")


def stranger(self):
    return [*Todo.canaries(self), Canary(rule="XYZ999", title="of nobody", plant=self.planting)]


def fearless(self, context):
    """A collect that goes on without its tool, as if there was nothing to find."""
    hidden = self.tools[0] in context.environ.get("GATES_HIDE", "").split(",")
    return Evidence(files=counted(["notes.txt"]), lines=counted([])) if hidden else Todo.collect(self, context)


def other_rule(self, evidence, settings, now):
    decision = Todo.decide(self, evidence, settings, now)
    found = tuple(finding(self.rules[1], "a TODO", path=one.path, line=one.line) for one in decision.findings)
    return Decision(denominator=decision.denominator, findings=found)


class Several(Todo):
    """Two rules that share a run, and one that never blocks."""

    name = "several"
    rules = (rule("SEV001"), rule("SEV002"), rule("SEV003", severity="warning"))

    def decide(self, evidence, settings, now):
        found = []
        for one in evidence.lines.items:
            path, _, line = one.rpartition(":")
            index = 1 if "second" in path else 2 if "third" in path else 0
            found.append(finding(self.rules[index], "a TODO", path=path, line=int(line)))
        return Decision(denominator=Denominator(count=evidence.files.count, unit="files"), findings=tuple(found))

    def canaries(self):
        names = ("first.txt", "second.txt", "third.txt")
        return [Canary(rule=rule.code, title="a TODO", plant=plant(name), shares=True)
                for rule, name in zip(self.rules, names)]


def second(self, evidence, settings, now):
    """The second rule fires; the first is one that cannot be proved here."""
    return other_rule(self, evidence, settings, now)


def pair(name, canary, **changes):
    code = name.upper()[:3]
    first = Canary(rule=code + "001", title="not here", plant=canary)
    return made(name, rules=(rule(code + "001"), rule(code + "002")), decide=second, canaries=lambda self: [
        first, Canary(rule=code + "002", title="a TODO", plant=plant())])


def sleepy(self, context):
    """A collect whose tool is in no hurry, and says so in a place that its user named."""
    import sys
    code = "import os, time; open(os.environ['SLEEPY'], 'w').write(str(os.getpid())); time.sleep(60)"
    context.run([sys.executable, "-c", code])
    return Todo.collect(self, context)


def doubting(self, evidence, settings, now):
    """A TODO is nothing to be sure of."""
    decision = Todo.decide(self, evidence, settings, now)
    why = Reason(code="too_noisy", message="who knows", fix="look again") if decision.findings else None
    return Decision(denominator=decision.denominator, findings=decision.findings, reason=why)


def lost(self, context):
    """Files that base has and that are not there any more."""
    names = context.project.git.run("ls-tree", "--name-only", context.base).split()
    here = context.project.tree.matching(("**/*.txt",))
    gone = [f"{name}:1" for name in names if name.endswith(".txt") and name not in here]
    return Evidence(files=counted(here), lines=counted(gone))


def without(context):
    (context.project.root / "else.txt").write_text("nothing")
    return Planted(path="was.txt", line=1, before={"was.txt": "this will go"})


GATES = [
    made("sleepy", collect=sleepy),
    Todo,
    Several,
    made("tooled", tools=("hammer",)),
    made("fearless", tools=("hammer",), collect=fearless),
    made("reader", needs=("tooled",), collect=lambda self, context: Evidence(
        files=counted(["notes.txt", "of another"]), lines=context.needs["tooled"].lines)),
    made("forgetful", cache=CachePolicy(kind="never")),
    made("always-green", decide=green),
    made("always-red", decide=red),
    made("crashing", decide=crash),
    made("no-canary", canaries=lambda self: []),
    made("stranger", canaries=stranger),
    made("idle", planting=staticmethod(plant("readme.md"))),
    made("touching", planting=staticmethod(plant("notes.txt", "nothing to do\\n"))),
    made("elsewhere", planting=staticmethod(plant(path="notes.txt"))),
    made("another", rules=(rule("ANO001"), rule("ANO002")), decide=other_rule, canaries=lambda self: [
        Canary(rule=one.code, title="a TODO", plant=self.planting) for one in self.rules]),
    made("unfit", planting=staticmethod(unfit)),
    pair("unset", unset),
    pair("excused", unfit),
    made("broken", planting=staticmethod(broken)),
    made("warning", rules=(rule("WAR001", severity="warning"),)),
    pair("off", plant()),
    made("open", rules=(rule("OPE001", severity="warning", undecides=True),), decide=doubting),
    made("gone", inputs=lambda self, project, settings: Inputs(globs=("**/*.txt",), base=True),
         collect=lost, planting=staticmethod(without)),
]


@hookimpl
def gates_register():
    return GATES
'''

PYPROJECT = """\
[project]
name = "provable"

[tool.gates]
plugins = ["provable_gates"]
select = ["{select}"]

[[tool.gates.severity]]
rule = "OFF001"
level = "off"

[tool.gates.prove.excused]
EXC001 = "there is no such place in this project"
"""


def write(root: Path, *select: str, more: str = "") -> Path:
    """A project at `root` that selects these gates of the plugin; `more` is added to its configuration."""
    root.mkdir(parents=True, exist_ok=True)
    (root / "provable_gates.py").write_text(dedent(PLUGIN), "utf-8")
    (root / "notes.txt").write_text("nothing to do\n", "utf-8")
    (root / "pyproject.toml").write_text(PYPROJECT.format(select='", "'.join(select)) + more, "utf-8")
    return root

"""Importing: started in the fresh environment as a program of its own; imports one module and says from where.

Called with the path of the file to write, the module, and the attribute to look up in it ("" for none). It runs on
the judged interpreter, so it uses nothing but the standard library.
"""

from __future__ import annotations

import importlib
import json
import sys
import traceback


def main(answer: str, module: str, attribute: str) -> None:
    """Write a JSON object: `files` from which the module came, `error` in one line, and what was `absent`."""
    said: dict[str, object] = {"files": [], "error": None, "absent": None}
    try:
        found = importlib.import_module(module)
        held = found
        for part in attribute.split(".") if attribute else ():
            held = getattr(held, part)
        spec = getattr(found, "__spec__", None)
        file = getattr(found, "__file__", None) or getattr(spec, "origin", None)
        said["files"] = [str(file)] if file else [str(one) for one in getattr(found, "__path__", ())]
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever an import raises is what is asked for
        lines = [line.strip() for line in traceback.format_exception_only(type(error), error)]
        said["error"] = next((line for line in reversed(lines) if line), type(error).__name__)
        said["absent"] = error.name if isinstance(error, ModuleNotFoundError) else None
    with open(answer, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib may be what cannot be imported
        json.dump(said, file)


if __name__ == "__main__":
    main(*sys.argv[1:4])

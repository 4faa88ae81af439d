"""Licensing: the licence of a distribution as CycloneDX writes it, from the clearest that its metadata says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gates.builtin.sbom.spdx import canonical, leaves, parsed
from gates.builtin.supply.distribution import Licence

CLASSIFIERS: Mapping[str, str] = {
    "Apache Software License": "Apache-2.0",
    "Blue Oak Model License (BlueOak-1.0.0)": "BlueOak-1.0.0",
    "Boost Software License 1.0 (BSL-1.0)": "BSL-1.0",
    "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "CC0-1.0",
    "CMU License (MIT-CMU)": "MIT-CMU",
    "Eclipse Public License 2.0 (EPL-2.0)": "EPL-2.0",
    "European Union Public Licence 1.2 (EUPL 1.2)": "EUPL-1.2",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 1.1 (MPL 1.1)": "MPL-1.1",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PostgreSQL License": "PostgreSQL",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "Universal Permissive License (UPL)": "UPL-1.0",
    "Zero-Clause BSD (0BSD)": "0BSD",
    "Zope Public License": "ZPL-2.1",
}
"""The classifiers that mean one licence; `BSD License` and the like may be any of several."""

FREE: Mapping[str, str] = {
    "apache 2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "apache license, version 2.0": "Apache-2.0",
    "bsd 3-clause": "BSD-3-Clause",
    "bsd-3-clause license": "BSD-3-Clause",
    "3-clause bsd license": "BSD-3-Clause",
    "bsd 2-clause": "BSD-2-Clause",
    "mit license": "MIT",
    "the mit license": "MIT",
    "mpl 2.0": "MPL-2.0",
    "psf": "PSF-2.0",
}
"""Free texts that mean one licence."""


def expression(held: Licence) -> str:
    """The SPDX expression that metadata says, "" where it says none that is clear.

    The expression of PEP 639, else a free text that is one, else classifiers; several of those hold together.
    """
    for text in (held.expression, held.text, FREE.get(held.text.lower(), "")):
        if text and len(text) < 200 and parsed(text) is not None:
            return canonical(text)
    if held.expression:
        return ""
    named = [one.split("::")[-1].strip() for one in held.classifiers.items]
    named = [one for one in named if one != "OSI Approved"]
    if named and all(one in CLASSIFIERS for one in named):
        return " AND ".join(dict.fromkeys(CLASSIFIERS[one] for one in named))
    return ""


def written(clear: str, held: Licence, drafted: Any) -> list[Mapping[str, Any]]:
    """The licences of a component: one expression, one identifier, or the names that somebody gave it."""
    found = parsed(clear) if clear else None
    if found is not None:
        (first, *others) = leaves(found)
        if others or first.text != first.base or first.text.startswith("LicenseRef-") or first.text.endswith("+"):
            return [{"expression": clear, "acknowledgement": "declared"}]
        return [{"license": {"id": first.text, "acknowledgement": "declared"}}]
    named = [one.split("::")[-1].strip() for one in held.classifiers.items]
    short = held.expression or (held.text if 0 < len(held.text) < 80 else "")
    names = dict.fromkeys(one for one in (short, *named) if one and one.upper() != "UNKNOWN")
    if names:
        return [{"license": {"name": one, "acknowledgement": "declared"}} for one in names]
    return list(drafted) if isinstance(drafted, list) else []

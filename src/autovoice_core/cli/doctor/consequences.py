"""Findings that follow from others: of one cause, the one finding that tells of it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from autovoice_core.cli.doctor.finding import Finding

_FAILED_IMPORTS = frozenset({"core-import", "sound-library", "plugin-load", "check-failed"})


_LEFT_OUT = frozenset({"no-backend", "plugin-load", "plugin-hook", "plugin-offer", "plugin-api"})
"""Findings that tell of a plugin that is left out, or of what lacks for that."""


def without_consequences(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings but for those that follow from others.

    They are failed imports of modules that another one says are broken, and choices of backends
    whose plugin another one says is left out.
    """
    found = list(findings)
    broken = "|".join(re.escape(finding.breaks) for finding in found if finding.breaks)
    names_broken = re.compile(rf"\b({broken})\b" if broken else r"(?!)", re.IGNORECASE)
    tells_of_plugins = any(finding.code in _LEFT_OUT for finding in found)

    def follows(finding: Finding) -> bool:
        if finding.code == "backend-choice":
            return tells_of_plugins and "was left out" in finding.text
        return finding.code in _FAILED_IMPORTS and bool(names_broken.search(finding.text))

    return [finding for finding in found if not follows(finding)]

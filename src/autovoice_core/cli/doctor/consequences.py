"""Findings that follow from others: of one cause, the one finding that tells of it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from autovoice_core.cli.doctor.finding import Finding

_FAILED_IMPORTS = frozenset({"core-import", "sound-library", "plugin-load", "check-failed"})


def without_consequences(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings but for failed imports of modules that another one says are broken."""
    found = list(findings)
    broken = "|".join(re.escape(finding.breaks) for finding in found if finding.breaks)
    if not broken:
        return found
    names_broken = re.compile(rf"\b({broken})\b", re.IGNORECASE)
    return [
        finding
        for finding in found
        if finding.code not in _FAILED_IMPORTS or not names_broken.search(finding.text)
    ]

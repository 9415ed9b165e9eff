"""Findings that follow from others: of one cause, the one finding that tells of it is shown."""

from __future__ import annotations

import re
from collections.abc import Iterable

from autovoice_core.cli.doctor.finding import Finding
from autovoice_core.cli.doctor.rights import NOT_THE_OWNERS

_FAILED_IMPORTS = frozenset(
    {"core-import", "sound-library", "package-broken", "no-backend", "plugin-load", "check-failed"}
)

_LEFT_OUT = frozenset({"no-backend", "plugin-load", "plugin-hook", "plugin-offer", "plugin-api"})
"""Findings that tell of a plugin that is left out, or of what lacks for that."""


def without_consequences(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings but for those that follow from others.

    They are failed imports of modules that another one says are broken, choices of backends whose
    plugin another one says is left out, operations that nobody serves where no list of plugins
    can be read, and voices that can't be read for the rights of their database.
    """
    found = list(findings)
    tells_of_plugins = any(finding.code in _LEFT_OUT for finding in found)
    tells_of_imports = any(
        finding.code == "package-broken" and "can't be imported" in finding.text
        for finding in found
    )
    unreadable = tuple(
        finding.text.partition(NOT_THE_OWNERS)[0]
        for finding in found
        if finding.code == "rights" and NOT_THE_OWNERS in finding.text
    )
    tells_of_runtime = any(finding.code == "cpp-runtime" for finding in found)
    tells_of_file = any(finding.code == "plugins-file" for finding in found)

    def names_broken(finding: Finding) -> bool:
        return any(
            re.search(rf"\b{re.escape(other.breaks)}\b", finding.text, re.IGNORECASE)
            for other in found
            if other.breaks and other.breaks != finding.breaks
        )

    def follows(finding: Finding) -> bool:
        if finding.code == "backend-choice":
            return tells_of_plugins and "was left out" in finding.text
        if finding.code == "no-backend" and tells_of_file:
            return True  # of a list that can't be read, no plugin is known
        if finding.code in {"voices", "voices-read-only"}:
            return finding.text.startswith(unreadable)
        if finding.code == "core-import" and tells_of_imports:
            return True  # core's own modules import those
        if finding.code in _FAILED_IMPORTS:
            return (tells_of_runtime and "GLIBCXX" in finding.text) or names_broken(finding)
        return False

    return [finding for finding in found if not follows(finding)]

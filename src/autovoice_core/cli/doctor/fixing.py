"""Mending what ``--fix`` may: never packages, never voices."""

from __future__ import annotations

import warnings
from collections.abc import Iterable

from autovoice_core._errors import AutoVoiceWarning
from autovoice_core.cli.doctor.finding import Finding


def fix(findings: Iterable[Finding]) -> list[str]:
    """Mend what can be mended, and return what was done; what fails is warned of."""
    done = []
    for finding in findings:
        if finding.mend is not None:
            try:
                done.append(finding.mend())
            except OSError as error:
                text = f"{error.filename}: can't be mended ({error.strerror})"
                warnings.warn(text, AutoVoiceWarning, stacklevel=2)
    return done

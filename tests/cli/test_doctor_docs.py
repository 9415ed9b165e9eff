"""The page on ``autovoice doctor``: it lists every finding there is, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from autovoice_core.cli import doctor

PAGE = Path(__file__).resolve().parents[2] / "docs" / "doctor.md"
KINDS_OF_FAULT = {"load", "api", "hook", "offer", "duplicate", "reserved", "unknown"}


def test_every_code_is_on_the_page() -> None:
    source = "".join(file.read_text() for file in Path(doctor.__file__).parent.glob("*.py"))
    codes = set(re.findall(r"Finding\(\s*\"([a-z0-9-]+)\"", source))
    codes |= set(re.findall(r"code, remedy = \(\"([a-z-]+)\"", source)) | {"voices"}
    codes |= {f"plugin-{kind}" for kind in KINDS_OF_FAULT}
    assert "gpu-driver" in codes
    told = set(re.findall(r"`([a-z0-9-]+)`(?= \(with|[:,]| is )", PAGE.read_text()))
    assert codes <= told
    # The first cell of findings holds codes alone.
    listed = {
        code
        for row in PAGE.read_text().splitlines()
        if row.startswith("| ") and row.count(" | ") >= 2
        for code in re.findall(r"(?:^|, |; )`([a-z0-9]+(?:-[a-z0-9]+)*)`", row.split(" | ")[1])
    }
    assert listed <= codes

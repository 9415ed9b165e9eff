from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from autovoice_core import Audio
from autovoice_core.cli import main


@pytest.fixture
def stems(tmp_path: Path) -> Path:
    """A folder of stems whose sum is over full scale."""
    folder = tmp_path / "stems"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for name in ("vocals", "accompaniment", "converted"):
        samples = rng.uniform(-0.9, 0.9, (1, 8000)).astype(np.float32)
        Audio(samples, 8000).save(folder / f"{name}.flac")
    return folder


def test_stems_are_mixed_again(
    stems: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mix.flac"
    assert main(["remix", str(stems), "--out", str(out), "--vocals", "-30"]) == 0
    turned_down, wrote = capsys.readouterr().out.splitlines()
    assert turned_down.startswith("turned down by ")
    assert wrote == f"wrote {out}"
    assert main(["remix", str(stems), "--out", str(out), "--vocals", "-30"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == f"replaced {out}"
    assert main(["remix", str(stems), "--out", str(out), "--vocals", "nan"]) == 1
    assert Audio.load(out).frames == 8000


def test_json_is_for_scripts(
    stems: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "mix.wav"
    options = ["--original", "-40", "--accompaniment", "-6", "--key", "2", "--json"]
    assert main(["remix", str(stems), "--out", str(out), *options]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["path"] == str(out)
    assert [Path(path).name for path in result["stems"]] == [
        *("converted.flac", "accompaniment.flac", "vocals.flac"),
    ]
    assert result["mix_gain_db"] <= 0

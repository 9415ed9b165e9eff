"""Messages of what needs the plugin where it is blocked or not enabled: they say so."""

from __future__ import annotations

from pathlib import Path

import pytest
from random_rvc_files import write_rvc
from toy_rvc import architecture

from autovoice_core.backends.plugins.registry import Registry, using_registry
from autovoice_core.cli import main
from autovoice_core.synthetic import truth

Captured = pytest.CaptureFixture[str]

NEEDS = "autovoice: {} read by the plugin autovoice-rvc, which {}\n"
BLOCKED = "is blocked (AUTOVOICE_BLOCK names it); change that variable"
DISABLED = "is not enabled; run `autovoice plugins enable rvc`"


def voices(*arguments: object) -> int:
    return main(["voices", *map(str, arguments)])


@pytest.mark.parametrize("why", [BLOCKED, DISABLED])
def test_a_plugin_that_is_left_out_is_not_to_be_installed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured, why: str
) -> None:
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AUTOVOICE_MODELS", str(tmp_path / "models"))
    monkeypatch.setenv("AUTOVOICE_PLUGINS", "all")
    model = write_rvc(tmp_path / "ana.pth", architecture("v2 32k"), seed=1)
    with using_registry(Registry()):
        assert voices("add", "ana", "--rvc", model, "--range", "A2:E4") == 0
    song, out = tmp_path / "song.wav", tmp_path / "sung.wav"
    truth.sing(truth.TENOR, 1.0, 22_050, seed=1).audio.save(song)
    if why is BLOCKED:
        monkeypatch.setenv("AUTOVOICE_BLOCK", "rvc")
    else:
        monkeypatch.setenv("AUTOVOICE_PLUGINS", "")
        assert main(["plugins", "disable", "rvc"]) == 0
    capsys.readouterr()
    with using_registry(Registry()):
        assert voices("add", "eva", "--rvc", model, "--range", "A2:E4") == 1
        assert capsys.readouterr().err == NEEDS.format("voices of RVC are", why)
        arguments = ["convert", str(song), "--voice", "ana", "--vocals-only", "--out", str(out)]
        assert main(arguments) == 1
        assert capsys.readouterr().err.endswith(f"; {NEEDS.format('rvc/2 is', why)[11:]}")
        for action in ("get", "path", "verify", "remove"):
            assert main(["models", action, "rvc/contentvec"]) == 1
            told = NEEDS.format("the weights rvc/contentvec are", why)
            assert capsys.readouterr().err == told.replace("read by", "those of")
        assert voices("set", "ana", "--set", "conversion.index_rate=0.5") == 1
        assert capsys.readouterr().err.endswith(f"; {NEEDS.format('rvc/2 is', why)[11:]}")

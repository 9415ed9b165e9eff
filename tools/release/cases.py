"""The installations that a release is tried in: every distribution, every extra, and what works."""

from __future__ import annotations

from tools.release.environments import Case

DOCTOR = ("autovoice", "doctor")
BACKENDS = ("autovoice", "backends")
DEMO = ("autovoice", "demo", "--seconds", "8")


def imports(*modules: str) -> tuple[str, ...]:
    """Return the command that imports modules."""
    return ("python", "-c", f"import {', '.join(modules)}")


def contract(*names: str) -> tuple[str, ...]:
    """Return the command that holds backends to the contract suite, without its slow tests.

    Those run in the session contract. What backends do on a GPU is left out, too: none is needed.
    """
    asked = [f"--autovoice-backend={name}" for name in names]
    return ("pytest", "-q", "-k", "not cuda", *asked, "--autovoice-require", "--autovoice-quick")


def judges(*names: str) -> tuple[str, ...]:
    """Return the command that opens what judges a conversion, with the weights in packages."""
    opened = "from autovoice_core.metrics import installed_judges; judges = installed_judges(); "
    return ("python", "-c", f"{opened}assert {' and '.join(f'judges.{n}' for n in names)}, judges")


CPU = ("cpu/wrpca", "cpu/nccf", "cpu/swiftf0", "cpu/retrieval")
EXTRAS_OF_CORE = {
    "bss": imports("mir_eval.separation"),
    "live": BACKENDS,  # PortAudio is the system's on Linux
    "memory": imports("pynvml"),
    "midi": imports("mido"),
    "plot": imports("matplotlib.figure"),
    "ray": imports("ray"),
    "report": judges("phones", "quality"),
    "server": ("autovoice", "serve", "--help"),
    "testing": ("pytest", "--version"),
    "words": judges("words"),
}
"""Each with a command that shows that it is there."""

CASES = {
    # With no backend there is something to report, and it is reported.
    "core": Case(("autovoice-core",), (DOCTOR, BACKENDS), fails=1),
    **{
        f"core[{extra}]": Case((f"autovoice-core[{extra}]",), (command,))
        for extra, command in EXTRAS_OF_CORE.items()
    },
    "cpu": Case(("autovoice-cpu",), (DOCTOR, DEMO)),
    "cpu from source": Case(("autovoice-cpu",), (DOCTOR, DEMO), from_source=True),
    "contract of cpu": Case(("autovoice-cpu", "autovoice-core[testing]"), (contract(*CPU),)),
    "speech": Case(
        ("autovoice-speech", "autovoice-cpu", "autovoice-core[testing]"),
        (DOCTOR, ("autovoice", "demo", "--sing"), contract("speech/hibari")),
    ),
    "speech[espeak]": Case(
        ("autovoice-speech[espeak]", "autovoice-core[testing]"), (contract("speech/espeak-ng"),)
    ),
    "autovoice": Case(
        ("autovoice",),
        (DOCTOR, DEMO, ("autovoice", "demo", "--sing"), ("autovoice", "serve", "--help")),
    ),
    "autovoice[all]": Case(("autovoice[all]",), (DOCTOR, judges("phones", "quality", "words"))),
    "cpu[crepe,fcpe]": Case(
        ("autovoice-cpu[crepe,fcpe]", "autovoice-core[testing]"),
        (contract("cpu/crepe", "cpu/fcpe"),),
    ),
    "demucs": Case(("autovoice-demucs", "autovoice-cpu"), (DOCTOR,)),
    "rvc": Case(("autovoice-rvc", "autovoice-cpu"), (DOCTOR,)),
    "spleeter": Case(
        ("autovoice-spleeter", "autovoice-cpu", "autovoice-core[testing]"),
        (DOCTOR, contract("spleeter/2stems", "spleeter/fused")),
    ),
    "triton": Case(("autovoice-triton", "autovoice-cpu"), (DOCTOR,)),
    "cuda": Case(("autovoice-cuda", "autovoice-cpu"), (DOCTOR,)),
}
ESSENTIAL = ["core", "cpu"]
"""Those of the default checks."""

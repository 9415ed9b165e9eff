"""The networks and recognisers that judge a conversion, where their packages are installed.

All find their weights inside a package of the extra ``report``; nothing is downloaded by them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any

from attrs import field, frozen

from autovoice_core.metrics.phones import PhoneRecogniser
from autovoice_core.metrics.quality import Dnsmos
from autovoice_core.voices.speaker_encoder import SpeakerEncoder, speaker_encoder

INSTALL = "pip install 'autovoice-core[report]'"


@frozen(eq=False)
class Judges:
    """Who judges a conversion; None where one can't be asked.

    Attributes
    ----------
    speaker
        Tells voices apart.
    phones
        Writes down speech sounds.
    quality
        Scores naturalness; trained on speech.
    absent
        Why one is None, by its name here.
    """

    speaker: SpeakerEncoder | None = None
    phones: PhoneRecogniser | None = None
    quality: Dnsmos | None = None
    absent: Mapping[str, str] = field(factory=dict, kw_only=True)

    def why_absent(self, judge: str) -> str:
        """Return why ``judge`` is None, and what to do about it."""
        return self.absent.get(judge, f"no judge of {judge} was given")


_KNOWN: dict[str, tuple[Callable[[], Any], tuple[str, ...]]] = {
    "speaker": (speaker_encoder, ("resemblyzer", "torch")),
    "phones": (PhoneRecogniser, ("pocketsphinx",)),
    "quality": (Dnsmos, ("onnxruntime", "speechmos")),
}


@cache
def installed_judges() -> Judges:
    """Return the judges whose packages are installed; they are opened once."""
    opened, absent = {}, {}
    for name, (opener, packages) in _KNOWN.items():
        missing = [package for package in packages if find_spec(package) is None]
        if missing:
            absent[name] = f"needs {' and '.join(missing)}: {INSTALL}"
            continue
        try:
            opened[name] = opener()
        # A report is worth having without one of its judges, whatever is wrong with a package.
        except Exception as error:  # noqa: BLE001
            reason = f" ({error})"
        else:
            reason = ""
        if opened.get(name) is None:
            absent[name] = (
                f"{' and '.join(packages)} can't be used{reason}; install them again: {INSTALL}"
            )
    return Judges(**opened, absent=absent)

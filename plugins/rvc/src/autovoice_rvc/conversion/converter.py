"""The converters of RVC's voices: what core sees of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from numpy.typing import NDArray

from autovoice_core import Audio, InputError, PitchTrack
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_core.protocols import Voice
from autovoice_rvc.architecture import FRAMES_PER_SECOND
from autovoice_rvc.conversion.content import ContentReader
from autovoice_rvc.conversion.index_search import IndexSearch
from autovoice_rvc.conversion.loudness import REACH
from autovoice_rvc.conversion.singing import Singing
from autovoice_rvc.conversion.song import RvcConversion
from autovoice_rvc.conversion.voice import LoadedVoice, load_voice
from autovoice_rvc.networks.contentvec import ContentVec
from autovoice_rvc.settings import RvcSettings

DEFAULTS = RvcSettings()


class RvcConverter:
    """Converts to voices that RVC trained; see :class:`~autovoice_core.protocols.Converter`.

    Parameters
    ----------
    contentvec
        The network that hears the words.
    device
        ``"cpu"`` or ``"cuda"``.
    settings
        How the voice sings.
    """

    context = REACH
    version: ClassVar[int]
    feature_id: str
    controls = frozenset({"formant", "melody", "seed"})

    def __init__(
        self, contentvec: ContentVec, device: str = "cpu", settings: RvcSettings = DEFAULTS
    ) -> None:
        self._contentvec, self._device, self._settings = contentvec, device, settings

    def grid(self, sample_rate: int) -> int:
        """Return the samples in the shortest time that is whole frames and whole samples."""
        frames = next(n for n in range(1, 101) if n * sample_rate % FRAMES_PER_SECOND == 0)
        return frames * sample_rate // FRAMES_PER_SECOND

    def learn(
        self, recordings: Iterable[tuple[Audio, PitchTrack]]
    ) -> Mapping[str, NDArray[Any]]:
        """Refuse: a voice of RVC is trained elsewhere."""
        raise refusal_to_learn(self.version)

    def begin(
        self,
        voice: Voice,
        pitch: PitchTrack,
        sample_rate: int,
        *,
        key: float,
        formant: float = 0.0,
        melody: PitchTrack | None = None,
        seed: int = 0,
    ) -> RvcConversion:
        """Begin a song."""
        loaded = load_voice(voice.features, self._device)
        contour = F0Contour(pitch if melody is None else melody, key)
        singing = Singing(
            loaded,
            contour,
            speaker=self._speaker(loaded),
            formant=formant,
            seed=seed,
            device=self._device,
        )
        return RvcConversion(
            self._reader(loaded),
            loaded,
            contour,
            singing,
            sample_rate=sample_rate,
            own_loudness=self._settings.rms_mix_rate,
            device=self._device,
        )

    def _reader(self, voice: LoadedVoice) -> ContentReader:
        search = None if voice.vectors is None else IndexSearch(voice.vectors, self._device)
        return ContentReader(
            self._contentvec, voice.architecture.version, search, self._settings, self._device
        )

    def _speaker(self, voice: LoadedVoice) -> int:
        speaker, speakers = self._settings.speaker, voice.architecture.speakers
        if speaker >= speakers:
            raise InputError(
                f"speaker: {speaker} is none of the voice's {speakers}; give 0 to {speakers - 1}"
            )
        return speaker


class RvcV1(RvcConverter):
    """Voices of RVC v1, which take content of 256 values."""

    version = 1
    feature_id = "1"


class RvcV2(RvcConverter):
    """Voices of RVC v2, which take content of 768 values."""

    version = 2
    feature_id = "2"


def refusal_to_learn(version: int) -> InputError:
    """Return the error of learning a voice from recordings."""
    return InputError(
        f"recordings: rvc/v{version} sings in voices that RVC trained and learns none from "
        "recordings; make the voice from its file: `autovoice voices add NAME --rvc FILE`, or "
        "choose another converter"
    )

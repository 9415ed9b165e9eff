"""The converters of RVC's voices: what core sees of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar
from weakref import WeakSet

from numpy.typing import NDArray

from autovoice_core import Audio, InputError, PitchTrack
from autovoice_core.conversion.retrieval.f0 import F0Contour
from autovoice_core.protocols import Voice
from autovoice_rvc.architecture import FRAMES_PER_SECOND
from autovoice_rvc.conversion.memory import VOICE_BYTES, window_bytes
from autovoice_rvc.conversion.singing import Singing
from autovoice_rvc.conversion.song import RvcConversion
from autovoice_rvc.conversion.stream import RvcStream
from autovoice_rvc.conversion.strength import REACH
from autovoice_rvc.conversion.voice import LoadedVoice, load_voice
from autovoice_rvc.conversion.words import WordReader
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

    context = 2 * REACH  # of the timbre, and then of the loudness
    learns = False
    version: ClassVar[int]
    feature_id: str
    controls = frozenset({"formant", "strength", "melody", "seed"})

    def __init__(
        self, contentvec: ContentVec, device: str = "cpu", settings: RvcSettings = DEFAULTS
    ) -> None:
        self._contentvec, self._device, self._settings = contentvec, device, settings
        self._loaded: WeakSet[LoadedVoice] = WeakSet()

    def grid(self, sample_rate: int) -> int:
        """Return the samples in the shortest time that is whole frames and whole samples."""
        frames = next(n for n in range(1, 101) if n * sample_rate % FRAMES_PER_SECOND == 0)
        return frames * sample_rate // FRAMES_PER_SECOND

    def memory(self, frames: int, channels: int, sample_rate: int) -> float:
        """Return the bytes that a window takes at most, and a voice as long as none is loaded."""
        voice = 0.0 if self._loaded else VOICE_BYTES
        return voice + window_bytes(frames, channels, sample_rate)

    def learn(self, recordings: Iterable[tuple[Audio, PitchTrack]]) -> Mapping[str, NDArray[Any]]:
        """Refuse: a voice of RVC is trained elsewhere."""
        raise InputError(
            f"recordings: rvc/v{self.version} sings in voices that RVC trained and learns none "
            "from recordings; make the voice from its file: `autovoice voices add NAME --rvc "
            "FILE`, or choose another converter"
        )

    def begin(
        self,
        voice: Voice,
        pitch: PitchTrack,
        sample_rate: int,
        *,
        key: float,
        formant: float = 0.0,
        strength: float = 1.0,
        melody: PitchTrack | None = None,
        seed: int = 0,
    ) -> RvcConversion:
        """Begin a song."""
        loaded = self._load(voice)
        return RvcConversion(
            self._words(loaded),
            self._singing(loaded, formant, seed),
            F0Contour(pitch if melody is None else melody, key),
            sample_rate=sample_rate,
            strength=strength,
            own_loudness=self._settings.rms_mix_rate,
        )

    def stream(
        self,
        sample_rate: int,
        *,
        voice: Voice,
        key: float,
        singer: Voice | None = None,
        formant: float = 0.0,
        strength: float = 1.0,
        seed: int = 0,
    ) -> RvcStream:
        """Return a new stream; of the singer nothing need be known."""
        del singer
        loaded = self._load(voice)
        return RvcStream(
            self._words(loaded),
            self._singing(loaded, formant, seed),
            sample_rate,
            key=key,
            strength=strength,
            own_loudness=self._settings.rms_mix_rate,
            block_frames=round(self._settings.stream_block * FRAMES_PER_SECOND),
        )

    def _load(self, voice: Voice) -> LoadedVoice:
        loaded = load_voice(voice.features, self._device)
        self._loaded.add(loaded)
        return loaded

    def _words(self, voice: LoadedVoice) -> WordReader:
        return WordReader(self._contentvec, voice, self._settings, self._device)

    def _singing(self, voice: LoadedVoice, formant: float, seed: int) -> Singing:
        speaker = self._speaker(voice)
        return Singing(voice, speaker=speaker, formant=formant, seed=seed, device=self._device)

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

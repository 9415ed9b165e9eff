"""``BatchVoices``: the voices of a batch, as files hold them, by their digests."""

from __future__ import annotations

import json
from collections.abc import Callable

from autovoice_core.batch.songs import Song
from autovoice_core.voices.checksums import digest
from autovoice_core.voices.documents import arrays_of, document_of
from autovoice_core.voices.profile import VoiceProfile
from autovoice_core.voices.serialization import dumps

TOLD = ("name", "consent", "provenance", "recordings", "made_by", "created")
"""Attributes of a profile on which no conversion depends."""


def digest_of(profile: VoiceProfile) -> str:
    """Return the SHA-256 of all that a conversion to ``profile`` depends on."""
    document = {name: v for name, v in document_of(profile).items() if name not in TOLD}
    return digest(json.dumps(document, sort_keys=True), arrays_of(profile))


class BatchVoices:
    """The voices of a batch.

    Parameters
    ----------
    voice_of
        Called with a song for its voice, once for each name that songs give.

    Attributes
    ----------
    contents
        Those that songs were found to need, as bytes by digest.
    """

    def __init__(self, voice_of: Callable[[Song], VoiceProfile | None]) -> None:
        self._voice_of = voice_of
        self._digests: dict[str | None, str | None] = {}
        self.contents: dict[str, bytes] = {}

    def digest(self, song: Song) -> str | None:
        """Return the digest of the voice of a song, or None."""
        if song.voice not in self._digests:
            profile = self._voice_of(song)
            digest = None
            if profile is not None:
                digest = digest_of(profile)
                self.contents[digest] = dumps(profile)
            self._digests[song.voice] = digest
        return self._digests[song.voice]

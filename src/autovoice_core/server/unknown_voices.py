"""The answer to a request that names a voice that is not there."""

from __future__ import annotations

from collections.abc import Sequence

from autovoice_core.server.errors import ApiError
from autovoice_core.voices.names import similar_names


def unknown_voice(status: int, name: str, known: Sequence[str], field: str) -> ApiError:
    """Return the error that none of the ``known`` voices is called ``name``, with what to do.

    Unlike that of the library, it tells clients neither of files of the server nor of commands.
    """
    similar = " or ".join(map(repr, similar_names(name, known)))
    hint = f"did you mean {similar}?" if similar else "GET /v1/voices lists all"
    return ApiError(status, "voice_unknown", f"there is no voice {name!r}; {hint}", field)

"""``VoiceFiles``: exported voices that clients send, checked and kept by a worker process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from secrets import token_urlsafe

from autovoice_core.server.errors import ApiError
from autovoice_core.server.jobs.failures import TaskError
from autovoice_core.server.jobs.folders import Folders, remove
from autovoice_core.server.jobs.inspector import Inspector
from autovoice_core.server.jobs.uploads import write_chunks
from autovoice_core.server.settings import Limits
from autovoice_core.voices.storage import VoiceProfileStorage

_STATUS = {"disk_full": 507, "worker_died": 503, "memory": 413}
"""Status of the answer for each code of a failure; 422 for the others."""


class VoiceFiles:
    """Exported voices that clients send."""

    def __init__(
        self,
        limits: Limits,
        folders: Folders,
        inspector: Inspector,
        voices: VoiceProfileStorage,
    ) -> None:
        self._limits, self._folders = limits, folders
        self._inspector, self._voices = inspector, voices

    async def receive(self, name: str, chunks: AsyncIterator[bytes]) -> None:
        """Keep the voice that arrives in ``chunks`` under ``name``.

        Raises
        ------
        ApiError
            422: it is no voice, is damaged, or its name is taken; 507: the disk is full; and what
            ``chunks`` raises.
        """
        file = self._folders.incoming / token_urlsafe(12)
        task = {
            "task": "import_voice",
            "folder": str(self._folders.incoming),
            "name": file.name,
            "db": str(self._voices.path.absolute()),
            "voice": name,
            "max_bytes": self._limits.decoded_bytes,
        }
        try:
            await write_chunks(file, chunks)
            await self._inspector.run(task, self._limits.decode_seconds)
        except TaskError as error:
            message = error.message.replace(file.name, "the file sent")
            if error.code == "timeout":
                seconds = self._limits.decode_seconds
                message = f"the file sent: takes longer to read than the {seconds:g} s allowed"
            code = "voice_file" if error.code in ("voices", "invalid") else error.code
            raise ApiError(_STATUS.get(error.code, 422), code, message) from error
        finally:
            await asyncio.to_thread(remove, file)

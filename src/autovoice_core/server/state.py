"""``ServerState``: the parts of a running server that its routes share."""

from __future__ import annotations

from attrs import field, frozen

from autovoice_core.server.jobs.service import JobService
from autovoice_core.server.metrics import Metrics
from autovoice_core.server.settings import Limits, Settings
from autovoice_core.server.sign_ins import SignIns
from autovoice_core.server.stream.sessions import Sessions
from autovoice_core.voices.storage import VoiceProfileStorage


@frozen
class ServerState:
    """The parts of a running server that its routes share."""

    settings: Settings
    metrics: Metrics
    voices: VoiceProfileStorage
    jobs: JobService
    streams: Sessions
    sign_ins: SignIns = field(factory=SignIns)

    @property
    def limits(self) -> Limits:
        """The limits of the settings."""
        return self.settings.limits

    async def say_goodbye(self) -> None:
        """Tell those who are connected that the server is going to end."""
        self.jobs.close_events()
        await self.streams.close_all("the server is about to end")

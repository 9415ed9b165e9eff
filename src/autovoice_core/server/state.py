"""``ServerState``: the parts of a running server that its routes share."""

from __future__ import annotations

from attrs import frozen

from autovoice_core.server.jobs.service import JobService
from autovoice_core.server.metrics import Metrics
from autovoice_core.server.settings import Limits, Settings
from autovoice_core.voices.storage import VoiceProfileStorage


@frozen
class ServerState:
    """The parts of a running server that its routes share."""

    settings: Settings
    metrics: Metrics
    voices: VoiceProfileStorage
    jobs: JobService

    @property
    def limits(self) -> Limits:
        """The limits of the settings."""
        return self.settings.limits

"""The offers of this package."""

from collections.abc import Iterator

from autovoice_core.backends import Licence, Offer, Quality, hookimpl


@hookimpl
def autovoice_speech_engines() -> Iterator[Offer]:
    """Offer the engine."""
    yield Offer(
        name="engine",
        load="autovoice_letters.engine:open_engine",
        devices=("cpu",),
        quality=Quality.GOOD,
        licence=Licence(code="MIT"),
    )

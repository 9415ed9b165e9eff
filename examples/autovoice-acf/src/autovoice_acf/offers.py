"""The offers of this package."""

from collections.abc import Iterator

from autovoice_core.backends import Licence, Offer, Quality, hookimpl


@hookimpl
def autovoice_pitch_estimators() -> Iterator[Offer]:
    """Offer the tracker."""
    yield Offer(
        name="tracker",
        load="autovoice_acf.tracker:open_tracker",
        probe="autovoice_acf.tracker:probe",
        devices=("cpu",),
        quality=Quality.DRAFT,
        licence=Licence(code="MIT"),
    )

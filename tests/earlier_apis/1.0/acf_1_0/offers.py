"""The offers of this package."""

from collections.abc import Iterator

from autovoice_core.backends import Licence, Offer, Quality, hookimpl


@hookimpl
def autovoice_pitch_estimators() -> Iterator[Offer]:
    """Offer the tracker."""
    yield Offer(
        name="tracker",
        load="acf_1_0.tracker:open_tracker",
        probe="acf_1_0.tracker:probe",
        devices=("cpu",),
        quality=Quality.DRAFT,
        licence=Licence(code="MIT"),
    )

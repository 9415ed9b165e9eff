"""The offers of this package."""

from collections.abc import Iterator

from autovoice_core.backends import Licence, Offer, Quality, hookimpl


@hookimpl
def autovoice_converters() -> Iterator[Offer]:
    """Offer the converter."""
    yield Offer(
        name="converter",
        load="autovoice_psola.converter:open_converter",
        devices=("cpu",),
        quality=Quality.DRAFT,
        licence=Licence(code="MIT"),
    )

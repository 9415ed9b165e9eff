"""The offers of this package."""

from collections.abc import Iterator

from autovoice_core.backends import Licence, Offer, Quality, hookimpl


@hookimpl
def autovoice_separators() -> Iterator[Offer]:
    """Offer the separator."""
    yield Offer(
        name="separator",
        load="autovoice_bands.separator:open_separator",
        devices=("cpu",),
        quality=Quality.DRAFT,
        licence=Licence(code="MIT"),
    )

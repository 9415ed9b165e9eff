from __future__ import annotations

import numpy as np

from autovoice_core.conversion.retrieval.frames import sample_positions
from autovoice_core.conversion.retrieval.polarity import StreamPolarity, channel_polarity

RATE = 8_000


def noise(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(2 * RATE).astype(np.float32)


def polarity(*channels: np.ndarray) -> np.ndarray:
    centres = sample_positions(np.arange(200), RATE)
    return channel_polarity(np.stack(channels).astype(np.float32), centres, RATE)


def test_ordinary_channels_keep_their_sign() -> None:
    for channels in ((noise(),), (noise(), noise()), (noise(), noise(1)), (noise(), 0 * noise())):
        assert (polarity(*channels) == 1).all()


def test_a_channel_in_antiphase_is_inverted_for_as_long_as_it_is() -> None:
    turned = np.repeat([1.0, -1.0], RATE) * noise()
    first, second = polarity(noise(), turned)
    assert (first == 1).all()
    assert (second[:90] == 1).all()
    assert (second[110:] == -1).all()
    assert np.abs(np.diff(second)).max() < 1  # it fades


def test_a_window_has_the_polarity_of_the_whole() -> None:
    turned = np.repeat([1.0, -1.0], RATE) * noise()
    whole = polarity(noise(), turned)
    part = np.stack([noise(), turned]).astype(np.float32)[:, RATE // 2 :]
    centres = sample_positions(np.arange(50, 200), RATE) - RATE // 2
    found = channel_polarity(part, centres, RATE)
    np.testing.assert_array_equal(found[:, 15:], whole[:, 65:])


def test_a_stream_knows_the_polarity_of_the_first_frame() -> None:
    rng = np.random.default_rng(0)
    spectra = rng.standard_normal((6, 5)) + 1j * rng.standard_normal((6, 5))
    stream = StreamPolarity()
    for part in (slice(0, 2), slice(2, 6)):
        found = stream.next(np.stack([spectra[part], -0.5 * spectra[part]]))
        assert found.tolist() == [[1.0] * len(spectra[part]), [-1.0] * len(spectra[part])]

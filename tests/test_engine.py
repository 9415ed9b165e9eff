from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from autovoice_core import SingingPitchExtractor, VocalSeparator
from autovoice_core.backends.choice.chosen import Chosen
from autovoice_core.synthetic import truth


@pytest.mark.parametrize("duplicate", [lambda it: pickle.loads(pickle.dumps(it)), copy.deepcopy])
def test_an_engine_that_was_used_can_be_sent_to_another_process(
    duplicate: object, short_song: truth.Song, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert callable(duplicate)
    separator, extractor = VocalSeparator(), SingingPitchExtractor(fmin=90, hop=0.02)
    stems = separator.separate(short_song.mixture)
    track = extractor.extract(stems.vocals)

    separator_there, extractor_there = duplicate(separator), duplicate(extractor)
    assert separator_there.chosen == separator.chosen
    opened = []
    open_backend = Chosen.open
    monkeypatch.setattr(
        Chosen, "open", lambda chosen, **how: opened.append(chosen) or open_backend(chosen, **how)
    )
    again = extractor_there.extract(separator_there.separate(short_song.mixture).vocals)
    assert opened == [separator.chosen, extractor.chosen]
    assert again.hop == 0.02
    np.testing.assert_array_equal(again.f0, track.f0)

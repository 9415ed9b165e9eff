"""The memory that a song takes, by what the system gives a new process that runs the true sizes."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import pytest
from rvc_runs import deaf, handmade_voice, sung
from toy_rvc import architecture

from autovoice_rvc.conversion.memory import VOICE_BYTES
from autovoice_rvc.networks import decoder
from autovoice_rvc.networks.synthesiser import Synthesiser

PEAK = Path("/proc/self/clear_refs")
SCRIPT = """
import ctypes, re
from pathlib import Path

import numpy as np
import torch
from rvc_runs import handmade_voice

from autovoice_core import Audio, PitchTrack
from autovoice_rvc.conversion.converter import RvcV2
from autovoice_rvc.networks.contentvec import ContentVec, contentvec_shapes


def figure(name):
    status = Path("/proc/self/status").read_text()
    return 1024 * int(re.search(name + r":\\s+(\\d+)", status)[1])


torch.set_num_threads(1)
arrays = {name: np.zeros(shape, np.float32) for name, shape in contentvec_shapes().items()}
converter = RvcV2(ContentVec.from_arrays(arrays))
del arrays
rate, seconds = 16_000, 23  # one block of words, nearly of the greatest length
audio = Audio(np.full((1, seconds * rate), 0.1, np.float32), rate)
frames = np.ones(100 * seconds + 1)
pitch = PitchTrack(200 * frames, frames > 0, frames.astype(np.float32), 0.01)
voice = handmade_voice()
ctypes.CDLL(None).malloc_trim(0)  # what loading left, which the run would use first
Path("/proc/self/clear_refs").write_text("5")
before = figure("VmRSS")
window = Audio(audio.samples[:, : 5 * rate], rate)
said = converter.memory(window.frames, 1, rate)
song = converter.begin(voice, pitch, rate, key=0.0)
song.observe(audio, 0)
song.render(window, 0)
print(figure("VmHWM") - before, said)
"""


@pytest.mark.skipif(not os.access(PEAK, os.W_OK), reason="needs Linux, which tells the peak")
def test_a_song_takes_no_more_than_is_said() -> None:
    paths = os.pathsep.join(filter(None, sys.path))
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    peak, said = (float(number) for number in done.stdout.split())
    assert 0.6 * said < peak < said


def test_a_voice_is_counted_until_it_is_loaded() -> None:
    converter = deaf()
    said = converter.memory(16_000, 1, 16_000)
    song = converter.begin(handmade_voice(), sung().pitch, 16_000, key=0.0)
    assert converter.memory(16_000, 1, 16_000) == said - VOICE_BYTES
    del song
    gc.collect()
    assert converter.memory(16_000, 1, 16_000) == said


def test_memory_is_returned_after_each_piece_of_several() -> None:
    sizes = architecture("v2 32k")
    features = {k: v for k, v in handmade_voice().features.items() if k != "architecture"}
    network = Synthesiser.from_arrays(sizes, features)
    told = network.emb_g.weight[0][None, :, None]
    with patch.object(decoder, "PIECE", 4), patch.object(decoder, "return_freed_memory") as done:
        for frames, pieces in ((4, 0), (9, 3)):
            done.reset_mock()
            network.dec(told.new_zeros(1, 192, frames), told, None)
            assert done.call_count == pieces

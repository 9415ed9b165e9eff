from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from autovoice_core import SingingPitchExtractor
from autovoice_core.synthetic import truth

FORKED = """
import os, sys
from autovoice_core import (
    Audio, SingingPitchExtractor, SingingVoiceConverter, VocalSeparator, VoiceProfileStorage,
)
audio = Audio.load(sys.argv[1])
voice = VoiceProfileStorage(sys.argv[2]).get("Ada")
separator, extractor = VocalSeparator(), SingingPitchExtractor(backend=sys.argv[3])
converter = SingingVoiceConverter()

def convert():
    vocals = separator.separate(audio).vocals
    return converter.convert(vocals, voice, pitch=extractor.extract(vocals)).numpy().tobytes()

first = convert()
child = os.fork()
same = convert() == first
if child == 0:
    del separator, extractor, converter
    sys.exit(0 if same else 3)
code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(code if same else 4)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_engines_go_on_in_a_process_that_was_forked_after_their_use(
    tracker: str, song_file: Path, voice_file: Path
) -> None:
    arguments = [str(song_file), str(voice_file), tracker]
    done = subprocess.run(
        # Python warns of threads that a fork leaves behind.
        [sys.executable, "-W", "ignore::DeprecationWarning", "-c", FORKED, *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_engines_that_were_used_go_to_workers(tracker: str, short_song: truth.Song) -> None:
    extractor = SingingPitchExtractor(backend=tracker)
    expected = extractor.extract(short_song.stems.vocals)
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        found = pool.submit(extractor.extract, short_song.stems.vocals).result()
    np.testing.assert_array_equal(found.f0, expected.f0)

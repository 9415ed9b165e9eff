"""Every liar is caught by the test meant for its fault, with a message that names it."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from contract_runs import EXAMPLE, TOYS, run_contracts

sys.path[:0] = [str(TOYS), str(EXAMPLE)]

from toys.lies import LIES  # noqa: E402

del sys.path[:2]

CONTRACTS = {
    "pitch": "PitchContract",
    "separation": "SeparatorContract",
    "conversion": "ConverterContract",
    "speech": "SpeechContract",
}


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The messages for each liar of the test that should catch it."""
    names = list(LIES)
    # They take as long as all other tests of the suite, so two processes share them.
    shares = [(tmp_path_factory.mktemp("liars"), names[first::2]) for first in (0, 1)]
    with ThreadPoolExecutor() as threads:
        found = threads.map(lambda share: messages_of(*share), shares)
        return {name: message for part in found for name, message in part.items()}


def messages_of(folder: Path, names: list[str]) -> dict[str, str]:
    """Run for each liar the test that should catch it; return what the tests say."""
    lines = ["from autovoice_core.testing import *", ""]
    wanted = []
    for name in names:
        lie = LIES[name]
        lines += [f"class {name}({CONTRACTS[lie.operation]}):", f"    backend = 'toys/{name}'", ""]
        wanted.append(f"test_them.py::{name}::{lie.test}")
    (folder / "test_them.py").write_text("\n".join(lines))
    (folder / "pytest.ini").write_text("[pytest]\n")
    done = run_contracts(folder, "--junitxml=found.xml", "--tb=line", *wanted)
    assert (folder / "found.xml").exists(), done.stdout + done.stderr
    found: dict[str, str] = {}
    for case in ET.parse(folder / "found.xml").getroot().iter("testcase"):
        name = case.attrib["classname"].rpartition(".")[2]
        faults = [child.attrib["message"] for child in case if child.tag in {"failure", "error"}]
        found[name] = found.get(name) or "".join(faults)
    return found


@pytest.mark.parametrize("name", LIES)
def test_a_liar_is_caught_by_the_test_meant_for_its_fault(
    verdicts: dict[str, str], name: str
) -> None:
    assert verdicts.get(name), f"{LIES[name].test} does not catch {name}"


MESSAGES = {
    "sharp": "toys/sharp is +30 cents off in the median",
    "late": "toys/late reports pitch 10.0 ms late at 8000 Hz",
    "drops_last": ("toys/drops_last, given 1 positions in 0 samples, returns f0 of shape (0,)"),
    "elsewhere": "toys/elsewhere was opened on cpu, but f0 is on cuda",
    "scribbles": "toys/scribbles writes to its input",
    "remembers": "toys/remembers: the second call gives another result",
    "takes_any_dtype": (
        "the factory of toys/takes_any_dtype opens in float16 on cpu, which its offer does not "
        "claim; claim it, or raise InputError"
    ),
    "hides_stream": ("toys/hides_stream has stream(), but its offer states no latency; state it"),
    "hides_import": "toys/hides_import imports scipy, which its offer does not name in imports",
    "names_import": (
        "the offer of toys/names_import names colorsys in imports, which it does not import"
    ),
    "other_licence": (
        "the offer of toys/other_licence says that its code is under Apache-2.0, "
        "but its package says MIT"
    ),
    "looks_ahead": (
        "toys/looks_ahead declares a latency of 0.1 s, but after 2100 samples its stream has "
        "returned 0 values, not 4"
    ),
    "swaps_channels": (
        "toys/swaps_channels: of sound in channel 0 of 2, 0 dB leak into other channels of the "
        "vocals"
    ),
    "delays": "toys/delays: the vocals are 3 samples late at 16000 Hz",
    "keeps_voice_at_44k": (
        "toys/keeps_voice_at_44k: the result is no nearer to the target than the source was"
    ),
    "shares_windows": (
        "toys/shares_windows claims renders_in_parallel, but renders windows differently while "
        "other threads render others of the song"
    ),
    "streams_softer": (
        "a stream of toys/streams_softer gives another result after 156 s: "
        "its level differs by -1.3 dB"
    ),
    "streams_later": (
        "a stream of toys/streams_later gives another result after 156 s: it is 10 ms late"
    ),
    "times_early": "toys/times_early: phones sound 80 ms after the times that it states",
    "all_is_vowel": (
        "toys/all_is_vowel: the times of s, sh and the like have a correlation of 0.00 "
        "with the hiss of the sound, under 0.4"
    ),
    "words_even": "toys/words_even: the word 'fish' begins with the phone 'i', not with f",
    "forgets_word": "toys/forgets_word: 'tʃ' at 0.93 s is in no word",
    "leaves_a_rest": (
        "toys/leaves_a_rest (toys 1.0) on cpu broke its contract: it returned an invalid result: "
        "speech: the last phone ends at 1.550 s, the audio at 1.717 s"
    ),
    "adds_language": "toys/adds_language says '1 2 3' in ta as in English: o n e t w o ð r e e",
    "skips_script": (
        "toys/skips_script (toys 1.0) on cpu broke its contract: "
        "speak() returned speech without words"
    ),
    "hides_copyleft": (
        "the offer of toys/hides_copyleft says that its code is under MIT, "
        "but copyleft, which it imports, is under GPL-3.0-or-later"
    ),
    "hisses": "toys/hisses turns silence into sound in the vocals",
}


@pytest.mark.parametrize("name", MESSAGES)
def test_the_message_names_the_liar_and_its_fault(verdicts: dict[str, str], name: str) -> None:
    assert verdicts[name].splitlines()[0].partition(": ")[2] == MESSAGES[name]

"""The names that users may rely on, and what importing them costs."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import textwrap
from importlib import import_module
from pathlib import Path

import pytest

import autovoice_core

PUBLIC = {
    "autovoice_core": """
        ApiMismatch Audio AutoVoiceError AutoVoiceWarning BackendError BadOffer Chosen
        ContractViolation DeviceMismatch Expression FallbackWarning GPUMemoryMonitor InputError
        Licence LoadFault Metrics ModelError Need NoBackend Offer PitchFrames PitchTrack
        PluginError PluginWarning Provenance Quality Reason SelectionError SingingPitchExtractor
        SingingVoiceConverter Stems StorageError Style TTSPipeline UnknownBackend VocalSeparator
        VoiceProfile VoiceProfileStorage __version__ backends compute_metrics convert_song
        convert_songs plan select separate_song separate_songs track_songs using
    """,
    "autovoice_core.backends": """
        API OPERATIONS Catalogue Device Entry Fault Licence Need Offer Operation Plugin Quality
        Reason Weights catalogue hookimpl refresh setting
    """,
    "autovoice_core.demo": "Demo run_demo run_sung_demo",
    "autovoice_core.memory": "GPUMemoryMonitor Section",
    "autovoice_core.metrics": "Judges Metrics compute_metrics installed_judges",
    "autovoice_core.models": """
        Model OnnxNetwork Weights find get known models_folder path read read_safetensors
        read_safetensors_file read_torch read_torch_file remove verify
    """,
    "autovoice_core.protocols": """
        BatchPitchEstimator BatchSeparator ControlledConverter Conversion Converter
        MixturePitchEstimator PitchEstimator Separator Speech SpeechEngine Stream
        StreamingConverter SupportsBring SupportsMemory TimedPhone TimedWord TrainedVoice Voice
    """,
    "autovoice_core.report": "Report report_on write_report",
    "autovoice_core.testing": "ConverterContract PitchContract SeparatorContract SpeechContract",
    "autovoice_core.testing.truth": """
        ALTO BASS SINGERS SOPRANO TENOR Score Singer Song Sung add_noise add_reverb band compose
        limit_band sing song tone
    """,
}
"""The names that each documented module hands on. Add to them, but take none away."""
REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "api"
DIRECTIVE = re.compile(
    r"^\.\. (?:auto)?(?:class|function|exception|data):: (\S+(?:\n {4,}\S+)*)", re.MULTILINE
)


@pytest.mark.parametrize("module", PUBLIC)
def test_a_documented_module_hands_on_its_names_and_no_others(module: str) -> None:
    found = import_module(module)
    assert sorted(found.__all__) == sorted(PUBLIC[module].split())
    for name in found.__all__:
        assert getattr(found, name) is not None


def test_every_public_name_is_in_the_reference_once() -> None:
    pages = "\n".join(page.read_text(encoding="utf-8") for page in REFERENCE.glob("*.rst"))
    described = [name for names in DIRECTIVE.findall(pages) for name in names.split()]
    objects = [value_of(name) for name in described]
    public = {f"{module}.{name}" for module, names in PUBLIC.items() for name in names.split()}
    public -= {"autovoice_core.backends", "autovoice_core.__version__"}
    for name in sorted(public):
        assert sum(each is value_of(name) for each in objects) == 1, name
    assert len(set(described)) == len(described)


def value_of(name: str) -> object:
    module, _, attribute = name.rpartition(".")
    return getattr(import_module(module), attribute)


def test_the_lazy_names_are_those_that_type_checkers_see() -> None:
    tree = ast.parse(Path(autovoice_core.__file__).read_text())
    (block,) = (
        node
        for node in tree.body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    )
    seen = {
        alias.name: node.module.removeprefix("autovoice_core").lstrip(".")
        for node in block.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
    lazy = autovoice_core._HOME_OF | {"backends": ""}
    assert seen == lazy
    assert {*lazy, "__version__"} == set(autovoice_core.__all__)
    assert dir(autovoice_core) == sorted(autovoice_core.__all__)


def test_a_name_that_is_not_there_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'autovoice_core' has no attribute 'Singer'"):
        autovoice_core.Singer  # noqa: B018


IMPORTS = """
    import sys
    import autovoice_core
    assert not {"numpy", "pluggy", "attrs", "autovoice_core.backends"} & set(sys.modules)
    from autovoice_core import Need, Offer, backends, plan, select, using
    from autovoice_core.backends.choice.ranking import rank_offers
    assert not [name for name in sys.modules if name == "reference_backend"]
    assert backends.catalogue().offers
    assert "reference_backend" in sys.modules
    for operation in backends.OPERATIONS:
        rank_offers(operation, Need(devices=("auto",)))
    heavy = {"numpy", "scipy", "numba", "onnxruntime", "librosa", "torch", "soundfile"}
    print(sorted(heavy & set(sys.modules)))
"""


def test_neither_the_public_face_nor_discovery_imports_anything_heavy() -> None:
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(IMPORTS)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.stdout, run.stderr) == ("[]\n", "")

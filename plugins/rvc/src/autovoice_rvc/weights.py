"""The networks that all voices need, at pinned revisions of where they are published."""

from __future__ import annotations

from autovoice_core.backends import Weights

CONTENTVEC = Weights(
    name="rvc/contentvec",
    url=(
        "https://huggingface.co/lengyue233/content-vec-best/resolve/"
        "ab04aa7067b99ee05cc82499bc64916b980a1967/pytorch_model.bin"
    ),
    size=378_342_945,
    sha256="d8dd400e054ddf4e6be75dab5a2549db748cc99e756a097c496c099f65a4854e",
    licence="MIT",
    format="torch",
    about="It hears the words, in any voice; every RVC voice needs it.",
)
"""ContentVec, in Hugging Face's form."""

RMVPE = Weights(
    name="rvc/rmvpe",
    url=(
        "https://huggingface.co/lj1995/VoiceConversionWebUI/resolve/"
        "0d7ebae452fb102c695b08f4e6f546be00603425/rmvpe.pt"
    ),
    size=181_184_272,
    sha256="6d62215f4306e3ca278246188607209f09af3dc77ed4232efdd069798c4ec193",
    licence="MIT",
    format="torch",
    about="It follows the pitch, as an alternative to AutoVoice's own trackers.",
)
"""RMVPE, as RVC distributes it."""

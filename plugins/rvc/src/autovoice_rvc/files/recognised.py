"""Files that are no RVC voice, each with a sentence on what it is and what to do.

A file is told by its first bytes, by the words of a pickle that is not loaded, or by the names in
it once it is. Voices of other families will have readers of their own beside ``checkpoint.py``, for
which the families named here are the places to begin.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from autovoice_rvc.files.pickle_words import words
from autovoice_rvc.files.texts import listed

ENCODERS = frozenset({"contentvec", "contentvec_base", "hubert", "hubert_base"})
"""Names under which voices say that they were trained on ContentVec."""
VOCODERS = frozenset({"hifi-gan", "hifi-gan-nsf", "nsf-hifi-gan", "default"})
"""Names under which voices say that their decoder is RVC's own, in lower case as those above."""

_ASK = "ask for an RVC voice of the singer"
_SMALL = 'the small file of the voice, which RVC saves in "assets/weights" and Applio as'
_GIVE_VOICE = "give the file of the voice itself (.pth or .safetensors)"
_NEEDS = "which RVC voices need but is none itself"

TRAINING = (
    "is a training checkpoint of RVC (G_….pth), from which a voice must be extracted; use "
    f'{_SMALL} "…e_…s.pth", or make it with "Extract a small model" in RVC\'s tab "ckpt Processing"'
)
OTHER_TRAINING = (
    "is a checkpoint of a training, such as G_….pth, but its weights are of no model that is known "
    f'here; if it is RVC\'s, use {_SMALL} "…e_…s.pth"'
)
DISCRIMINATOR = (
    "is the discriminator of a training (D_….pth), which judges a voice and sings nothing; use "
    f'{_SMALL} "…e_…s.pth"'
)
SO_VITS = f"is a model of so-vits-svc 4, a family of voices that is not read yet; {_ASK}"
SO_VITS_CLUSTERS = f"is a cluster model of so-vits-svc (kmeans_….pt), which is no voice; {_ASK}"
SO_VITS_INDEX = (
    "is an index of so-vits-svc (feature_and_index.pkl), a pickle, which may run code and is "
    f"never read; {_ASK}"
)
KNN_VC = f"is the vocoder of kNN-VC, a family of voices that is not read yet; {_ASK}"
HIFI_GAN = f"is a HiFi-GAN vocoder, which holds no voice; {_GIVE_VOICE}"
DIFFUSION = f"is a model of DDSP-SVC or Diffusion-SVC, which is not read; {_ASK}"
GPT_SOVITS = f"is a model of GPT-SoVITS, which speaks texts and does not sing; {_ASK}"
FAIRSEQ = (
    f"is a speech encoder as fairseq saves it (hubert_base.pt), {_NEEDS}; {_GIVE_VOICE}, and get "
    "the encoder by `autovoice models`"
)
HUBERT = (
    f"is a speech encoder (HuBERT or ContentVec), {_NEEDS}; {_GIVE_VOICE}, and get the encoder by "
    "`autovoice models`"
)
WAVLM = f"is the speech encoder WavLM, which kNN-VC needs and RVC does not; {_GIVE_VOICE}"
RMVPE = f"is RMVPE, a network that finds the pitch; {_GIVE_VOICE}"
FCPE = f"is FCPE, a network that finds the pitch; {_GIVE_VOICE}"
BARE = (
    "holds the weights of an RVC voice without what belongs to them (config, sr, f0 and version); "
    "ask for the file that RVC or Applio saved"
)

EMPTY = "is empty; download it again"
WEB_PAGE = (
    "is a web page and no voice: the site asked for a login or was out of reach; download it again "
    "in a browser"
)
LFS = (
    "is a pointer to a file in Git LFS, not the file; run `git lfs pull` in its repository, or "
    "download it again from its page"
)
OLD_TORCH = (
    "is in PyTorch's format of before version 1.6, a pickle, which may run code and is never read; "
    "ask its authors for safetensors, or for a file saved again with a newer PyTorch"
)
PICKLE = "is a pickle, which may run code and is never read; ask its authors for safetensors"
CUT = "is cut: the end of the archive is missing; download it again"
INDEX = f"is an index, not a voice; {_GIVE_VOICE}, and this one as its index"
ARRAY = f"is an array of NumPy, such as RVC's total_fea.npy, and not needed; {_GIVE_VOICE}"
SOUND = f"is a sound file; {_GIVE_VOICE}"
PACKED = (
    "is an archive other than zip (tar, gzip, RAR, 7-Zip or the like); unpack it, and give the "
    "folder"
)

_BEGINNINGS = {
    b"version https://git-lfs": LFS,
    b"\x93NUMPY": ARRAY,
    b"RIFF": SOUND,
    b"fLaC": SOUND,
    b"OggS": SOUND,
    b"ID3": SOUND,
    **dict.fromkeys(
        (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"), PACKED
    ),
    **dict.fromkeys(
        (b"IwFl", b"IxF2", b"IxFI", b"IxFl", b"IxMp", b"IxM2", b"IxPT", b"IwPQ"), INDEX
    ),
}
_OLD_TORCH = b"\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""The magic number that PyTorch's old format begins with, in a pickle."""
_TAR_PLACE = 257
"""Byte at which a tar says that it is one."""
_END_REACH = (1 << 16) + 22
"""Bytes from the end of an archive in which its end record begins."""

_PICKLES = frozenset(bytes((0x80, protocol)) for protocol in range(2, 6))
_GPT_SOVITS = frozenset({b"03", b"04", b"05", b"06"})
"""First letters of GPT-SoVITS' archives, in place of "PK"."""
_INNER = ("model", "generator", "weight")
"""Names under which files hold their weights, if not at once."""
_TRAINING = {"model", "iteration", "optimizer", "learning_rate"}
"""Names in a checkpoint that VITS and its descendants, RVC among them, go on training from."""


def fault_of_content(content: bytes) -> str | None:
    """Return what a file is, as the end of a sentence about it, if its bytes alone say so."""
    if not content:
        return EMPTY
    for beginning, fault in _BEGINNINGS.items():
        if content.startswith(beginning):
            return fault
    if content[:1000].lstrip().lower().startswith((b"<!doctype", b"<html", b"<?xml")):
        return WEB_PAGE
    if content[_TAR_PLACE : _TAR_PLACE + 5] == b"ustar":
        return PACKED
    if content[:2] in _GPT_SOVITS and content[2:4] == b"\x03\x04":
        return GPT_SOVITS
    if content.startswith(b"PK\x03\x04"):
        return None if b"PK\x05\x06" in content[-_END_REACH:] else CUT
    if content[:2] in _PICKLES:
        old = content[2:].startswith(_OLD_TORCH)
        return fault_of_pickle(content) or (OLD_TORCH if old else PICKLE)
    return None


def fault_of_pickle(content: bytes) -> str | None:
    """Return what a pickle that is not loaded is, or is in a file, if the words in it say so."""
    found = words(content)
    packages = {word.partition(".")[0] for word in found}
    if "fairseq" in packages:
        return FAIRSEQ
    if "cluster_centers_" in found:
        return SO_VITS_CLUSTERS
    if "faiss" in packages:
        return SO_VITS_INDEX
    if {"weight", "config", "info"} <= found and any("HParams" in word for word in found):
        return GPT_SOVITS
    return None


def fault_of_loaded(loaded: Any) -> str | None:
    """Return what a file holds that is no RVC voice; None if it has what one has."""
    if not isinstance(loaded, dict):
        return f"holds no voice but a {type(loaded).__name__}; {_GIVE_VOICE}"
    weight = loaded.get("weight")
    if isinstance(weight, dict) and "config" in loaded:
        speaks = isinstance(loaded["config"], dict) and "enc_p.emb_phone.weight" not in weight
        return GPT_SOVITS if speaks else None
    if any(isinstance(each, dict) and "cluster_centers_" in each for each in loaded.values()):
        return SO_VITS_CLUSTERS
    names = _names(loaded)
    inner = next((loaded[name] for name in _INNER if isinstance(loaded.get(name), dict)), loaded)
    if fault := fault_of_weights(_names(inner), names):
        return fault
    if names >= _TRAINING:
        return OTHER_TRAINING
    return f"is no RVC voice that is known (it holds {listed(names) or 'nothing'}); {_GIVE_VOICE}"


def fault_of_weights(weights: Set[str], names: Set[str] = frozenset()) -> str | None:
    """Return what weights of these names are, in a file of these other ``names``."""

    def has(*beginnings: str) -> bool:
        return all(any(name.startswith(each) for name in weights) for each in beginnings)

    families = [
        (has("discriminators."), DISCRIMINATOR),
        (has("emb_uv.") or has("enc_p.f0_emb.") or has("f0_decoder."), SO_VITS),
        (has("enc_p.emb_phone.") and "optimizer" in names, TRAINING),
        (has("enc_p.emb_phone."), BARE),
        (has("lin_pre.", "ups."), KNN_VC),
        (has("conv_pre.", "ups.", "resblocks."), HIFI_GAN),
        (has("input_stack.", "output_proj."), FCPE),
        (has("unit_embed.") or has("unit2ctrl."), DIFFUSION),
        (has("unet.encoder.", "cnn."), RMVPE),
        (has("encoder.layers.0.self_attn.relative_attention_bias."), WAVLM),
        (has("feature_extractor.conv_layers.", "encoder.layers."), HUBERT),
    ]
    return next((fault for holds, fault in families if holds), None)


def _names(found: dict[Any, Any]) -> frozenset[str]:
    return frozenset(name for name in found if isinstance(name, str))

"""Files that are something else are told by their bytes, and nothing in them is run."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import pickle
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from rvc_index_files import flat
from rvc_model_files import few

from autovoice_core import ModelError
from autovoice_rvc.files.checkpoint import parse_checkpoint

ASK = "ask for an RVC voice of the singer"
GIVE = "give the file of the voice itself (.pth or .safetensors)"


def refusal(content: bytes) -> str:
    with pytest.raises(ModelError) as caught:
        parse_checkpoint(content, Path("voice.pth"))
    text = str(caught.value)
    assert text.startswith("voice.pth: ")
    return text.removeprefix("voice.pth: ")


class Bomb:
    """What a hostile pickle is: it runs what it likes when it is read."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("exploded"),)


def with_class(module: str, name: str) -> bytes:
    """Return a pickle that names a class and holds a text."""
    return b"\x80\x02}X\x05\x00\x00\x00model" + f"c{module}\n{name}\n".encode() + b")\x81s."


def zipped(pickled: bytes) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as file:
        file.writestr("archive/data.pkl", pickled)
        file.writestr("archive/version", b"3\n")
    return memory.getvalue()


def old_format(content: Any) -> bytes:
    memory = io.BytesIO()
    torch.save(content, memory, _use_new_zipfile_serialization=False)
    return memory.getvalue()


FAIRSEQ = (
    "is a speech encoder as fairseq saves it (hubert_base.pt), which RVC voices need but is none "
    f"itself; {GIVE}, and get the encoder by `autovoice models`"
)
PICKLE = "is a pickle, which may run code and is never read; ask its authors for safetensors"
WEB_PAGE = (
    "is a web page and no voice: the site asked for a login or was out of reach; download it again "
    "in a browser"
)
PACKED = (
    "is an archive other than zip (tar, gzip, RAR, 7-Zip or the like); unpack it, and give the "
    "folder"
)
SOUND = f"is a sound file; {GIVE}"
GPT_SOVITS = f"is a model of GPT-SoVITS, which speaks texts and does not sing; {ASK}"


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (zipped(with_class("fairseq.data.dictionary", "Dictionary")), FAIRSEQ),
        (with_class("fairseq.data.dictionary", "Dictionary"), FAIRSEQ),
        (
            with_class("faiss.swigfaiss", "IndexIVFFlat"),
            "is an index of so-vits-svc (feature_and_index.pkl), a pickle, which may run code and "
            f"is never read; {ASK}",
        ),
        (pickle.dumps({"weight": 1}), PICKLE),
        (pickle.dumps({"weight": 1}, protocol=2), PICKLE),
        (pickle.dumps(Bomb()), PICKLE),
        (
            old_format({"weight": {}, "sr": "40k"}),
            "is in PyTorch's format of before version 1.6, a pickle, which may run code and is "
            "never read; ask its authors for safetensors, or for a file saved again with a newer "
            "PyTorch",
        ),
        (b"03" + few()[2:], GPT_SOVITS),
        (b"", "is empty; download it again"),
        (b"<!DOCTYPE html><html>Sign in</html>", WEB_PAGE),
        (b"\n\n <HTML><body>404", WEB_PAGE),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 55",
            "is a pointer to a file in Git LFS, not the file; run `git lfs pull` in its "
            "repository, or download it again from its page",
        ),
        (few()[:-30], "is cut: the end of the archive is missing; download it again"),
        (
            flat(np.zeros((1, 256), np.float32)),
            f"is an index, not a voice; {GIVE}, and this one as its index",
        ),
        (
            b"\x93NUMPY\x01\0",
            f"is an array of NumPy, such as RVC's total_fea.npy, and not needed; {GIVE}",
        ),
        (b"RIFF\0\0\0\0WAVE", SOUND),
        (b"Rar!\x1a\x07", PACKED),
        (b"7z\xbc\xaf\x27\x1c", PACKED),
        (gzip.compress(b"voice", mtime=0), PACKED),
        (bz2.compress(b"voice"), PACKED),
        (lzma.compress(b"voice"), PACKED),
        (b"\x28\xb5\x2f\xfd\x04", PACKED),
        (tarfile.TarInfo("voice.pth").tobuf(), PACKED),
        (
            b"something else",
            "is not a PyTorch archive (it does not begin as one); "
            "download it again, or ask its authors for safetensors",
        ),
        (
            zipped(with_class("os", "system")),
            "holds more than arrays, and may run code (Unsupported global: GLOBAL os.system); "
            "ask its authors for safetensors",
        ),
    ],
)
def test_a_file_that_is_something_else_is_told_by_its_bytes(
    content: bytes, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert refusal(content) == text
    assert not Path("exploded").exists()


def test_words_of_a_pickle_are_looked_for_no_longer_than_is_sensible() -> None:
    endless = b"\x80\x02]" + b"Na" * 10_000_000 + b"."
    assert refusal(endless) == PICKLE


def test_an_archive_of_very_many_entries_is_not_looked_into() -> None:
    crowded = b"PK\x03\x04" + b"PK\x01\x02" * 200_000 + b"PK\x05\x06" + bytes(18)
    assert refusal(crowded) == (
        "it holds 200,000 entries, more than the 10,000 that are read; "
        "download it again, or ask its authors for safetensors"
    )

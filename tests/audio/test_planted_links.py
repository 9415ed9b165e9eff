"""Links that other users put where results are to be written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from autovoice_core import InputError
from autovoice_core.audio.atomic import atomic_file

OTHER_USER = 65_534


def write(path: Path) -> None:
    with atomic_file(path) as temporary:
        temporary.write_text("new")


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs another user")
@pytest.mark.parametrize(
    ("owner", "mode", "is_followed"),
    [
        (OTHER_USER, 0o1777, False),
        (0, 0o1777, True),
        (OTHER_USER, 0o777, True),
        (OTHER_USER, 0o755, True),
    ],
)
def test_a_link_that_another_user_planted_in_a_folder_of_all_is_not_followed(
    tmp_path: Path, owner: int, mode: int, is_followed: bool
) -> None:
    folder, diary = tmp_path / "shared", tmp_path / "diary"
    folder.mkdir()
    folder.chmod(mode)
    diary.write_text("mine")
    link = folder / "result.txt"
    link.symlink_to(diary)
    os.chown(link, owner, owner, follow_symlinks=False)
    if is_followed:
        write(link)
        assert diary.read_text() == "new"
        return
    with pytest.raises(InputError) as caught:
        write(link)
    assert str(caught.value) == (
        f"{link}: can't be written (another user has put a link there, where all may write); "
        "choose another place"
    )
    assert diary.read_text() == "mine"

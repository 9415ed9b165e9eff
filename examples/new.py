"""A new backend: one of the example packages under another name, to be changed from there.

    python examples/new.py pitch mine --folder ..

writes ``../autovoice-mine``, a package that passes the contract suite before anything is changed.
"""

from __future__ import annotations

import argparse
import keyword
import re
from pathlib import Path

EXAMPLES = {"separation": "bands", "pitch": "acf", "conversion": "psola", "speech": "letters"}
"""The name of the example for each operation."""

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
RESERVED = {"all", "core", "cpu", "cuda", "demucs", "rvc", "speech", "spleeter", "triton"}
"""Names that AutoVoice uses itself, under which no plugin of anybody else is loaded."""
_GENERATED = {"__pycache__", ".pytest_cache", ".hypothesis"}


def make(operation: str, name: str, folder: Path) -> Path:
    """Write the package ``autovoice-<name>`` to ``folder``; return its own folder."""
    example = EXAMPLES[operation]
    source = Path(__file__).resolve().parent / f"autovoice-{example}"
    target = folder / f"autovoice-{name.replace('_', '-')}"
    target.mkdir(parents=True)
    for path in sorted(source.rglob("*")):
        place = path.relative_to(source)
        if path.is_dir() or _GENERATED & {*place.parts} or ".egg-info" in str(place):
            continue
        copy = target / str(place).replace(f"autovoice_{example}", f"autovoice_{name}")
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(_renamed(path.read_text(encoding="utf-8"), example, name), encoding="utf-8")
    return target


def _renamed(text: str, example: str, name: str) -> str:
    """Return the text of a file with the names of packages and backends changed."""
    text = text.replace(f"autovoice_{example}", f"autovoice_{name}")
    text = text.replace(f"autovoice-{example}", f"autovoice-{name.replace('_', '-')}")
    text = text.replace(f'"{example}/', f'"{name}/')
    return re.sub(rf"^{example} = ", f"{name} = ", text, flags=re.MULTILINE)


def main() -> None:
    """Make the package that the command line asks for."""
    parser = argparse.ArgumentParser(description="Make a new backend from an example.")
    parser.add_argument("operation", choices=EXAMPLES)
    parser.add_argument("name", help="the first half of your backends' names, e.g. mine")
    parser.add_argument("--folder", type=Path, default=Path(), help="where to make it")
    given = parser.parse_args()
    if not _NAME.fullmatch(given.name):
        parser.error(f"{given.name!r} is no name such as mine; use small letters, digits and _")
    if given.name in RESERVED:
        parser.error(f"{given.name!r} is reserved for AutoVoice itself; choose another name")
    if keyword.iskeyword(given.name):
        parser.error(f"{given.name!r} is a word of Python's own; choose another name")
    try:
        target = make(given.operation, given.name, given.folder)
    except FileExistsError as error:
        parser.error(f"{error.filename} exists; choose another name or folder")
    except OSError as error:
        parser.error(
            f"{error.filename} can't be made ({error.strerror}); choose another name or folder"
        )
    print(f"wrote {target}; now: cd {target}; pip install -e '.[test]'; pytest")  # noqa: T201


if __name__ == "__main__":
    main()

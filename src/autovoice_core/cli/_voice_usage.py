"""Usage of ``autovoice voices add`` that makes no sense, or less than was meant."""

from __future__ import annotations

import warnings
from contextlib import suppress
from pathlib import Path

import click

from autovoice_core._errors import AutoVoiceWarning
from autovoice_core.backends.choice.given_settings import in_force
from autovoice_core.voices.remedies import MODEL_SUFFIXES

_INDEX, _ZIP = ".index", ".zip"


def check_usage(
    files: tuple[Path, ...],
    model: Path | None,
    index: Path | None,
    f0_range: tuple[float, float] | None,
    keep: float | None,
    keep_audio: bool,
    backends: dict[str, str],
) -> None:
    """Refuse what makes no sense together."""
    for file in files:
        _check_recording(file, model)
    if model is None:
        if index is not None or f0_range is not None:
            raise click.UsageError("--index and --range are for a voice of --rvc; omit them")
        if not files:
            raise click.UsageError("Missing argument 'FILE...', or --rvc.")
        return
    if keep is not None:
        raise click.UsageError("--keep is for a voice made from recordings; omit it")
    if keep_audio and not files:
        raise click.UsageError("--keep-audio: there are no recordings to keep; omit it")
    if "conversion" in backends or in_force("conversion"):
        raise click.UsageError(
            "a voice of --rvc is sung by the converter that reads it; omit --backend and --set of "
            "conversion (`autovoice voices set` keeps settings)"
        )
    if bool(files) == (f0_range is not None):
        raise click.UsageError(
            "FILE tells the range of the voice; omit --range"
            if files
            else "a voice of RVC does not say how high it sings; give FILE, a recording of it, or "
            "its lowest and highest usual note: --range A2:E4"
        )


def warn_of_unused_index(model: Path) -> None:
    """Warn of an index beside a model's own file: only those in a folder or zip are looked for."""
    if not model.is_file() or model.suffix.lower() == _ZIP:
        return
    beside = [path for path in _within(model.parent) if path.name.lower().endswith(_INDEX)]
    # Those that are only trained hold no vectors, and are refused.
    found = [path for path in beside if not path.name.lower().startswith("trained_")]
    if not found:
        return
    named = [path for path in found if model.stem.lower() in path.name.lower()]
    first = (named or found)[0]
    more = f" and {len(found) - 1:,} more" if found[1:] else ""
    text = (
        f"{model}: the index beside it is not used ({first.name}{more}); if it belongs to this "
        f"voice, add the voice again with --index {first} --replace"
    )
    warnings.warn(text, AutoVoiceWarning, stacklevel=2)


def _check_recording(file: Path, model: Path | None) -> None:
    """Refuse a model or an index where a recording belongs."""
    name = file.name.lower()
    if name.endswith(_INDEX):
        raise _no_recording(file, f"{model or 'MODEL'} --index {file}")
    if file.is_dir():
        models = (path for path in _within(file) if _is_model(path, packed=False))
        inside = next(models, None)
        if inside is not None and model is None:
            raise click.UsageError(
                f"{file} holds {inside.name}, which is no recording; a voice that RVC trained is "
                f"added by --rvc {file}"
            )
    elif _is_model(file) and model is None:
        raise _no_recording(file, str(file))
    elif _is_model(file):
        raise click.UsageError(
            f"{file} is a second model, but a voice has one; omit it, or add it as another voice"
        )


def _no_recording(file: Path, option: str) -> click.UsageError:
    return click.UsageError(
        f"{file} is no recording; a voice that RVC trained is added by --rvc {option}"
    )


def _is_model(path: Path, *, packed: bool = True) -> bool:
    name = path.name.lower()
    return name.endswith(MODEL_SUFFIXES) and (packed or not name.endswith(_ZIP))


def _within(folder: Path) -> list[Path]:
    """Return what is in a folder, in order of name; nothing where it can't be read."""
    with suppress(OSError):
        return sorted(folder.iterdir())
    return []

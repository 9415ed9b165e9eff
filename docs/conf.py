"""Sphinx builds the site of the docs: ``nox -s docs``."""

from __future__ import annotations

import os
import re
import tomllib
from importlib.metadata import version as version_of
from itertools import chain, takewhile
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.domains.python import PyObject
from sphinx.errors import SphinxError

ROOT = Path(__file__).resolve().parents[1]
TYPE_ALIASES = ("PathLike", "Progress", "Recordings", "Songs", "SoundInput", "StageProgress")
"""Types that are shown by the names that the code has for them."""

project = "AutoVoice"
author = "The AutoVoice developers"
version = release = version_of("autovoice-core")
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
root_doc = "index"
nitpicky = True
# The build connects to nothing, so what is not ours has nowhere to lead.
nitpick_ignore_regex = [
    ("py:class", r"(collections|fractions|numpy|os|pathlib)\..*"),
    ("py:class", r".*\.T_co"),
    ("py:class", "|".join(TYPE_ALIASES)),
]

html_theme = "furo"
html_title = f"AutoVoice {release}"
html_css_files = ["tables.css"]
html_static_path = ["_static"]
html_show_copyright = False
html_copy_source = html_show_sourcelink = False

myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True}
autodoc_type_aliases = {name: name for name in TYPE_ALIASES}
napoleon_google_docstring = False
# Attributes are listed in the docstring of their class, and not once more below it.
napoleon_use_ivar = True
napoleon_use_rtype = False

PAGES = {
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
"""Files of the repository's root that are pages of the site."""


def lead_outside(app: Sphinx, docname: str, source: list[str]) -> None:
    """Let the links that leave the folder of the docs lead on from the site.

    A file becomes a download. A folder leads to the repository, if ``pyproject.toml`` names one
    under ``project.urls``, and is otherwise text.
    """
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    repository = settings["project"].get("urls", {}).get("Repository")
    folder = Path(app.env.doc2path(docname)).parent

    def leading(link: re.Match[str]) -> str:
        text, target, anchor = link.groups("")
        path = (folder / target).resolve()
        inside = os.path.relpath(path, ROOT)
        if inside in PAGES:
            page = os.path.relpath(Path(app.srcdir, PAGES[inside]), folder)
            return f"[{text}]({page}{anchor})"
        if path.is_dir():
            return f"[{text}]({repository}/tree/main/{inside})" if repository else text
        return link[0]

    source[0] = re.sub(r"\[([^]]*)\]\((\.\./[^)#\s]*)(#[^)\s]*)?\)", leading, source[0])


def name_each(app: Sphinx, *found: Any) -> None:
    """Give each of ``hop, start`` an entry of its own, which napoleon does for parameters alone."""
    lines = found[-1]
    for i in reversed(range(len(lines))):
        if re.fullmatch(r"\w+(, \w+)+", lines[i]):
            text = list(takewhile(lambda line: line.startswith("  "), lines[i + 1 :]))
            if text:
                entries = [[name, *text] for name in lines[i].split(", ")]
                lines[i : i + 1 + len(text)] = chain.from_iterable(entries)


def shorten_types(app: Sphinx, *found: Any) -> None:
    """Show types of attributes by their last names, as those of signatures are."""
    lines = found[-1]
    for i, line in enumerate(lines):
        if line.startswith(":vartype "):
            lines[i] = re.sub(r"\b[a-z_]\w*(\.\w+)+", r"~\g<0>", line)


def plain_signature(app: Sphinx, *found: Any) -> tuple[str | None, str | None]:
    """Show an alias of types by its name, a default that is made anew as dots, and no ``Any``."""
    shorter = {
        r"TypeAliasForwardRef\('(\w+)'\)": r"\1",
        "= NOTHING": "= ...",
        r": (~typing\.)?Any\b": "",
    }
    signature, returned = found[-2:]
    for long, short in shorter.items():
        signature = signature and re.sub(long, short, signature)
        returned = returned and re.sub(long, short, returned)
    return signature, returned


def load_nothing_from_elsewhere(app: Sphinx, exception: Exception | None) -> None:
    """Refuse pages whose scripts, styles, images or sounds are on another server."""
    loaded = re.compile(r"<(?!a\b)[^>]+\b(?:src|href|data|poster)=[\"']?(?:https?:)?//[^>]*>")
    for page in [] if exception else Path(app.outdir).rglob("*.html"):
        if found := loaded.search(page.read_text(encoding="utf-8")):
            raise SphinxError(f"{page.name}: {found[0]} loads from elsewhere")


def setup(app: Sphinx) -> None:
    """Register what is defined above."""
    app.connect("source-read", lead_outside)
    app.connect("autodoc-process-docstring", name_each, priority=400)
    app.connect("autodoc-process-docstring", shorten_types, priority=600)
    app.connect("autodoc-process-signature", plain_signature)
    app.connect("build-finished", load_nothing_from_elsewhere)
    for kind in PyObject.doc_field_types:
        if kind.name == "variable":
            kind.label = "Attributes"

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from server_clients import request, running_server, settings_in

from autovoice_core.server.page.routes import page_files
from autovoice_core.server.settings import Settings

FILES = {file.path: file for file in page_files()}
FOLDER = Path(__file__).parents[3] / "src" / "autovoice_core" / "server" / "page"
MAX_LINES = 250


def text_of(path: str) -> str:
    return FILES[path].content.decode()


def test_the_page_is_at_the_root_and_its_files_below_page() -> None:
    assert FILES["/"].media_type == "text/html; charset=utf-8"
    assert FILES["/page/app.js"].media_type == "text/javascript; charset=utf-8"
    assert all(path == "/" or path.startswith("/page/") for path in FILES)


def test_no_python_is_served() -> None:
    assert not [path for path in FILES if ".py" in path]


def test_the_page_holds_no_inline_script_or_style_and_names_no_other_host() -> None:
    page = text_of("/")
    assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", page)
    addresses = re.findall(r"(?:https?:)?//[\w.-]+\.\w+", "".join(map(text_of, FILES)))
    assert set(addresses) <= {"http://www.w3.org"}  # the namespace of SVG


def test_every_file_that_a_file_names_is_served() -> None:
    for path, file in FILES.items():
        if not file.media_type.startswith("text/"):
            continue
        text = file.content.decode()
        for name in re.findall(r"(?:src|href)=\"(/page/[^\"]+)\"", text):
            assert name in FILES
        for name in re.findall(r"from \"(\.[^\"]+)\"|(?:URL|here)\(\"([\w.]+\.js)\"", text):
            found = (FOLDER / path.removeprefix("/page/")).parent / (name[0] or name[1])
            assert "/page/" + found.resolve().relative_to(FOLDER).as_posix() in FILES


def test_a_file_of_the_page_is_short_enough_to_hold_one_idea() -> None:
    assert [path for path in FILES if text_of(path).count("\n") > MAX_LINES] == []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with running_server(settings_in(tmp_path_factory.mktemp("server"), token="a" * 32)) as settings:
        yield settings


def test_the_page_is_served_without_a_token_under_a_strict_policy(server: Settings) -> None:
    answer = request(server, "GET", "/")
    assert answer.status == 200
    assert answer.body == FILES["/"].content
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_a_file_that_the_browser_has_is_not_sent_again(server: Settings) -> None:
    path = "/page/live/live_worklet.js"
    tag = request(server, "GET", path).headers["etag"]
    again = request(server, "GET", path, headers={"If-None-Match": tag})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/page/", "/page/routes.py", "/page/../settings.py", "/page/%2e%2e/settings.py"]
)
def test_nothing_else_is_served(server: Settings, path: str) -> None:
    assert request(server, "GET", path).status in (400, 401, 404)

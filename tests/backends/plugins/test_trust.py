"""Who is trusted to take part unnamed, and whose name is whose."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from autovoice_core import InputError
from autovoice_core.backends.plugins import trust
from autovoice_core.backends.plugins.decisions import Decisions, read_decisions
from autovoice_core.backends.plugins.plugin import Plugin
from autovoice_core.backends.plugins.trust import Trust, find_intruders, trust_in

OURS = Plugin("cpu", "autovoice-cpu 0.1.0")
ACF = Plugin("acf", "autovoice-acf 1.0")
OTHER_ACF = Plugin("acf", "Acme_ACF 2.0")
YIN = Plugin("yin", "yin-tracker 3.0")
PLUGINS = (ACF, OURS, YIN)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which nobody decided anything yet."""
    monkeypatch.setenv("AUTOVOICE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def trusted(variable: str = "", *plugins: Plugin) -> list[str]:
    plugins = plugins or PLUGINS
    found = trust_in(plugins, variable)
    return [plugin.distribution for plugin in plugins if found.of(plugin)]


def test_plugins_of_this_project_are_trusted_and_no_others() -> None:
    assert trusted() == ["autovoice-cpu 0.1.0"]


@pytest.mark.parametrize("variable", ["acf", "autovoice-acf", "Autovoice_ACF", " acf , nobody "])
def test_the_variable_adds_plugins_by_their_names_or_distributions(variable: str) -> None:
    assert trusted(variable) == ["autovoice-acf 1.0", "autovoice-cpu 0.1.0"]


def test_the_variable_may_trust_everybody() -> None:
    assert trusted("all") == ["autovoice-acf 1.0", "autovoice-cpu 0.1.0", "yin-tracker 3.0"]


def test_a_plugin_called_like_a_distribution_gains_nothing_by_it() -> None:
    pretender = Plugin("autovoice-acf", "pretender 1.0")
    assert trusted("autovoice-acf", ACF, pretender) == ["autovoice-acf 1.0"]


@pytest.mark.parametrize("name", ["acf", "cpu"])
def test_who_takes_a_name_in_the_variable_gets_no_trust_for_anything(name: str) -> None:
    thief = (Plugin(name, "thief 1.0"), Plugin("more", "thief 1.0"))
    assert "thief 1.0" not in trusted(name, ACF, OURS, *thief)


def test_a_reserved_name_trusts_nobody_where_its_owner_is_not_installed() -> None:
    assert trusted("cpu", Plugin("cpu", "thief 1.0"), Plugin("more", "thief 1.0")) == []


def test_a_name_of_this_project_means_its_distribution() -> None:
    thief = Plugin("cpu", "aaa-first 1.0")
    assert trust.disable("cpu", (thief, OURS)) == "autovoice-cpu"


def test_what_is_enabled_is_kept_until_it_is_disabled() -> None:
    assert trust.enable("acf", PLUGINS) == "autovoice-acf"
    assert trusted() == ["autovoice-acf 1.0", "autovoice-cpu 0.1.0"]
    assert trust.disable("autovoice-acf", PLUGINS) == "autovoice-acf"
    assert trusted() == ["autovoice-cpu 0.1.0"]


def test_plugins_of_this_project_can_be_disabled_and_enabled_again() -> None:
    trust.disable("cpu", PLUGINS)
    assert trusted() == []
    assert trusted("cpu") == ["autovoice-cpu 0.1.0"]
    trust.enable("cpu", PLUGINS)
    assert trusted() == ["autovoice-cpu 0.1.0"]
    assert read_decisions() == Decisions()


def test_enabling_one_of_two_of_a_name_takes_it_from_the_other() -> None:
    plugins = (ACF, OTHER_ACF)
    trust.enable("autovoice-acf", plugins)
    trust.enable("acme-acf", plugins)
    assert read_decisions().enabled == {"acme-acf"}


def test_a_name_that_two_distributions_have_is_not_enough_to_enable_one() -> None:
    with pytest.raises(InputError) as caught:
        trust.enable("acf", (ACF, OTHER_ACF))
    assert str(caught.value) == (
        "acf: plugins of acme-acf and autovoice-acf have this name; give the distribution"
    )


@pytest.mark.parametrize(
    ("plugins", "message"),
    [
        (PLUGINS, "acff: no such plugin is installed (did you mean 'acf'?); known are acf, cpu, "
         "yin"),
        ((), "acff: no such plugin is installed; there is none"),
    ],
)  # fmt: skip
def test_a_plugin_that_is_not_installed_is_refused(
    plugins: tuple[Plugin, ...], message: str
) -> None:
    for decide in (trust.enable, trust.disable):
        with pytest.raises(InputError) as caught:
            decide("acff", plugins)
        assert str(caught.value) == message


@pytest.mark.parametrize("name", ["cpu", "Cpu", "CUDA"])
def test_names_of_this_project_are_reserved_for_its_distributions(name: str) -> None:
    ours = Plugin(name.lower(), f"autovoice-{name.lower()} 0.1.0")
    thief = Plugin(name, "aaa-first 1.0")
    found = find_intruders((thief, ours), Trust(frozenset({"aaa-first"}), everybody=True))
    text = (
        f"the name is reserved for autovoice-{name.lower()}; uninstall aaa-first, or let its "
        "authors choose another name"
    )
    assert found == {thief: ("reserved", text)}


@pytest.mark.parametrize(
    ("plugin", "reason"),
    [
        (
            Plugin("cpu", "aaa-first 1.0"),
            "the name is reserved for autovoice-cpu; uninstall aaa-first, or let its authors "
            "choose another name",
        ),
        (
            Plugin("a/b", "aaa-first 1.0"),
            "its name may hold letters, digits, '.', '_' and '-' only, and not be 'all'",
        ),
        (
            Plugin("all", "aaa-first 1.0"),
            "its name may hold letters, digits, '.', '_' and '-' only, and not be 'all'",
        ),
        (
            Plugin("yin", "aaa-first 1.0", group="autovoice.v2"),
            "it is written for plugin API autovoice.v2, but this is autovoice.v1; update "
            "autovoice-core",
        ),
        (Plugin("aaa-first", "aaa-first 1.0", unreadable="it is torn; mend it"), "it is torn; "
         "mend it"),
    ],
)  # fmt: skip
def test_what_would_not_be_loaded_is_not_enabled(plugin: Plugin, reason: str) -> None:
    with pytest.raises(InputError) as caught:
        trust.enable("aaa-first", (OURS, plugin))
    assert str(caught.value) == f"aaa-first: can't be enabled: {reason}"
    assert read_decisions() == Decisions()


def test_a_distribution_of_which_one_plugin_can_be_loaded_is_enabled() -> None:
    plugins = (Plugin("cpu", "aaa-first 1.0"), Plugin("yin", "aaa-first 1.0"))
    assert trust.enable("yin", plugins) == "aaa-first"


def test_of_two_of_a_name_neither_has_it_until_the_user_chooses() -> None:
    for everybody in (False, True):
        found = find_intruders((ACF, OTHER_ACF, YIN), Trust(frozenset(), everybody=everybody))
        text = (
            "autovoice-acf 1.0 and Acme_ACF 2.0 have plugins of that name; run `autovoice plugins "
            "enable autovoice-acf` or `autovoice plugins enable acme-acf` to choose one"
        )
        assert found == {ACF: ("duplicate", text), OTHER_ACF: ("duplicate", text)}


def test_of_two_of_a_name_the_one_that_is_enabled_has_it() -> None:
    found = find_intruders((ACF, OTHER_ACF), Trust(frozenset({"acme-acf"}), everybody=True))
    text = (
        "Acme_ACF 2.0 has the name and is enabled; to have this one instead, run `autovoice "
        "plugins enable autovoice-acf`"
    )
    assert found == {ACF: ("disabled", text)}


def test_two_plugins_of_one_distribution_may_look_alike() -> None:
    plugins = (Plugin("a.b", "one 1.0"), Plugin("a-b", "one 1.0"))
    assert find_intruders(plugins, Trust(frozenset())) == {}


def test_a_user_without_a_home_has_decided_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUTOVOICE_HOME", "~nobody-of-that-name/x")
    assert read_decisions() == Decisions()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"enabled": []}',
        '{"enabled": "acf", "disabled": []}',
        '{"enabled": [1], "disabled": []}',
        "[" * 100_000,
        b"\xff",
    ],
)
def test_a_damaged_file_is_refused(home: Path, text: str | bytes) -> None:
    home.mkdir()
    path = home / "plugins.json"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as caught:
        read_decisions()
    assert str(caught.value) == (
        f"{path}: not a list of enabled and disabled plugins; delete it and enable them again"
    )


def test_the_file_is_plain_and_nothing_is_left_beside_it(home: Path) -> None:
    trust.enable("yin", PLUGINS)
    assert json.loads((home / "plugins.json").read_text()) == {
        "enabled": ["yin-tracker"],
        "disabled": [],
    }
    assert [path.name for path in home.iterdir()] == ["plugins.json"]


def test_a_folder_that_can_not_be_written_is_refused(home: Path) -> None:
    home.write_text("a file where the folder should be")
    with pytest.raises(InputError) as caught:
        trust.enable("yin", PLUGINS)
    path = home / "plugins.json"
    assert str(caught.value) in {
        f"{path}: can't be written ({reason}); choose another folder with AUTOVOICE_HOME, or name "
        "plugins in AUTOVOICE_PLUGINS"
        for reason in ("File exists", "Not a directory")
    }

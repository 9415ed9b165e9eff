from __future__ import annotations

from autovoice_core._wording import flag_name, no_overwrite_name, options_named, setting


def test_a_flag_is_called_by_its_option_in_the_command_line_alone() -> None:
    assert flag_name("vocals_only") == "vocals_only=True"
    with options_named():
        assert flag_name("vocals_only") == "--vocals-only"
    assert flag_name("vocals_only") == "vocals_only=True"


def test_what_keeps_files_is_named_as_the_caller_knows_it() -> None:
    assert no_overwrite_name() == "overwrite=False"
    with options_named():
        assert no_overwrite_name() == "--no-clobber"


def test_a_value_is_set_by_its_option_in_the_command_line_alone() -> None:
    assert setting("key", 24) == "key=24"
    with options_named():
        assert setting("key", 24) == "--key 24"

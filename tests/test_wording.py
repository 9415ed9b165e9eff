from __future__ import annotations

from autovoice_core._wording import flag_name, options_named


def test_a_flag_is_called_by_its_option_in_the_command_line_alone() -> None:
    assert flag_name("vocals_only") == "vocals_only=True"
    with options_named():
        assert flag_name("vocals_only") == "--vocals-only"
    assert flag_name("vocals_only") == "vocals_only=True"

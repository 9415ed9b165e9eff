"""Speaks an older version of the plugin API; must not be imported."""

raise AssertionError("imported")

"""Is blocked by the environment; must not be imported."""

raise AssertionError("imported")

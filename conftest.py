"""What all tests of this repository share; fixtures lie in ``tests/helpers``."""

from __future__ import annotations

import signal

pytest_plugins = ["model_fixtures", "song_fixtures"]

# A shell starts what runs in the background with Ctrl-C ignored, and whoever that starts inherits
# it; but there are tests that interrupt what they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

"""``python -m autovoice_core``: the command ``autovoice`` of this Python."""

from __future__ import annotations

import sys

from autovoice_core.cli import main

if __name__ == "__main__":
    sys.exit(main())

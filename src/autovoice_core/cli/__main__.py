"""``python -m autovoice_core.cli``."""

from __future__ import annotations

import sys

from autovoice_core.cli import main

sys.exit(main())

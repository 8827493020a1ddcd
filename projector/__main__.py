"""``python -m projector``: the same as the command ``projector``."""

import sys

from projector.serve.cli.app import main

sys.exit(main())

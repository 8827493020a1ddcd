"""``python -m projector.serve.cli``: the same as ``projector``."""

import sys

from projector.serve.cli.app import main

sys.exit(main())

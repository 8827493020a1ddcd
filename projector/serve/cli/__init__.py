"""The command line: ``projector``."""

from projector.serve.cli.app import main

__all__ = ["main"]

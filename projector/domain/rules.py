"""This release, and the number of the rules by which it derives answers from the log."""

from typing import Final

VERSION = "0.1.0"
RULES: Final = 3  # rises whenever an answer to an unchanged log can change; see docs/reference/answers.md

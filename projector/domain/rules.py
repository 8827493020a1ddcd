"""The number of the rules by which answers are derived from the log."""

from typing import Final

RULES: Final = 3  # rises whenever an answer to an unchanged log can change; see docs/reference/answers.md

"""What schemathesis cannot make up or need not go through; it loads this module by its name.

- A `cursor` is one that an earlier answer gave for the same question: no generator can make one. Pages and wrong
  cursors are in `test_document.py` and `test_client.py`.
- Of the time zones a few do: schemathesis asks every question once for each of the 600.
"""

from __future__ import annotations

from typing import Any

import schemathesis

ZONES = ["UTC", "America/New_York", "Asia/Kathmandu", "Etc/GMT+0"]


@schemathesis.hook
def before_load_schema(context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    """Leave these out of the document as schemathesis reads it."""
    raw_schema["components"]["schemas"]["TimeZone"] = {"type": "string", "enum": ZONES}
    for path in raw_schema["paths"].values():
        for operation in path.values():
            named = operation.get("parameters", [])
            operation["parameters"] = [one for one in named if one["name"] != "cursor"]

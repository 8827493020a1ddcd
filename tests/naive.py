"""The contract once more, as plainly as possible and with nothing of the package: what the laws are checked against.

It holds every event in memory, recomputes everything for every question, and is slow on purpose.
"""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

ID_FIELDS = {
    "learning_outcome": ("outcome", "learning_outcome_id"),
    "learning_outcome_group": ("group", "learning_outcome_group_id"),
    "learning_outcome_link": ("link", "learning_outcome_link_id"),
    "learning_outcome_result": ("result", "id"),
    "outcome_proficiency": ("scale", "outcome_proficiency_id"),
    "outcome_calculation_method": ("method", "outcome_calculation_method_id"),
}
SHARD = 10**13
FIRST = datetime.min.replace(tzinfo=UTC)


def instant(text: Any) -> datetime | None:
    """An instant, as the examples of these tests spell them."""
    try:
        moment = datetime.fromisoformat(re.sub(r" ([+-]\d{4})$", r"\1", text))
    except (TypeError, ValueError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def whole(value: Any) -> Any:
    """A value with its integral floats as integers."""
    if isinstance(value, dict):
        return {key: whole(member) for key, member in value.items()}
    if isinstance(value, list):
        return [whole(member) for member in value]
    return int(value) if isinstance(value, float) and value == int(value) else value


def canonical(value: Any) -> bytes:
    """Canonical JSON."""
    return json.dumps(whole(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def long(value: Any) -> str | None:
    """An id as text, a tilde one written out."""
    if value is None or isinstance(value, bool) or not str(value).strip():
        return None
    if "~" in str(value):
        shard, local = str(value).split("~")
        return str(int(shard) * SHARD + int(local))
    return str(value)


class Known:
    """What a store that holds these (recorded_at, event) pairs ought to answer."""

    def __init__(self, received: list[tuple[datetime, dict[str, Any]]]) -> None:
        self.events: list[dict[str, Any]] = []
        seen = set()
        for recorded_at, event in received:
            parts = {"metadata": event.get("metadata", event.get("attributes")), "body": event["body"]}
            digest = sha256(canonical(parts)).digest()
            if digest not in seen:
                seen.add(digest)
                self.events.append(parts | {"digest": digest, "recorded_at": recorded_at})

    def tenant(self, event: dict[str, Any]) -> str:
        """The uuid, else the one uuid that goes with the root account, else that account's id."""
        uuid, root = event["metadata"].get("root_account_uuid"), long(event["metadata"].get("root_account_id"))
        if uuid:
            return str(uuid)
        uuids = {
            other["metadata"]["root_account_uuid"]
            for other in self.events
            if other["metadata"].get("root_account_uuid") and long(other["metadata"].get("root_account_id")) == root
        }
        return uuids.pop() if len(uuids) == 1 else str(root)

    def shards(self, tenant: str) -> set[int]:
        """The shards of the tenant's root accounts."""
        roots = [long(e["metadata"].get("root_account_id")) for e in self.events if self.tenant(e) == tenant]
        return {int(root) // SHARD for root in roots if root and int(root) >= SHARD}

    def local(self, id: Any, shards: set[int]) -> str | None:
        """An id within these shards."""
        text = long(id)
        if text is not None and text.isdigit() and int(text) >= SHARD and int(text) // SHARD in shards:
            return str(int(text) % SHARD)
        return text

    def key(self, event: dict[str, Any]) -> tuple[str, str, str]:
        """Tenant, kind and id of an event's aggregate."""
        tenant, body = self.tenant(event), event["body"]
        shards = self.shards(tenant)
        kind, field = ID_FIELDS[event["metadata"]["event_name"].rsplit("_", 1)[0]]
        return tenant, kind, self.local(body.get(field), shards) or self.guess(event)

    def guess(self, event: dict[str, Any]) -> str:
        """The identity that a result has without an id, or would have."""
        body, shards = event["body"], self.shards(self.tenant(event))
        rubric = body.get("artifact_type") == "RubricAssessment"
        of, at = self.row_key(event)
        guess = (
            [
                "g2",
                of,
                body["user_uuid"],
                at,
                None if rubric else body.get("associated_asset_type"),
                None if rubric else self.local(body.get("associated_asset_id"), shards),
            ]
            if body.get("user_uuid")
            else ["g1", of, at, body.get("title")]
        )
        return f"{guess[0]}-{sha256(canonical(guess)).hexdigest()[:32]}"

    def row_key(self, event: dict[str, Any]) -> tuple[str | None, str]:
        """A result's outcome and time of creation."""
        created = instant(event["body"]["created_at"])
        assert created is not None
        outcome = self.local(event["body"]["learning_outcome_id"], self.shards(self.tenant(event)))
        return outcome, created.strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def continuations(self, tenant: str, as_of: datetime | None, known_at: datetime | None) -> dict[str, str | None]:
        """Of every guessed identity of a tenant that stands: what continues it."""
        standing = {key[2] for key in self.standing(as_of, known_at) if key[:2] == (tenant, "result")}
        histories = {id: self.history((tenant, "result", id), as_of, known_at) for id in standing}
        rows = [e for id in standing for e in histories[id] if long(e["body"].get("id"))]
        guessed = {id for id in standing if not any(long(e["body"].get("id")) for e in histories[id])}
        g1s, g2s = (
            {id for id in guessed if bool(histories[id][0]["body"].get("user_uuid")) == named}
            for named in (False, True)
        )
        found: dict[str, str | None] = {}
        for id in standing:
            if id in g2s:
                rows_with_id = sorted(
                    (e for e in rows if e["body"].get("user_uuid") and self.guess(e) == id), key=self.rank
                )
                found[id] = self.key(rows_with_id[0])[2] if rows_with_id else None
        for id in standing:
            if id in g1s:
                key = self.row_key(histories[id][0])
                together = {other for other in standing if any(self.row_key(e) == key for e in histories[other])}
                others = [o for o in together - g1s if not (o in g2s and found[o])]
                found[id] = others[0] if together & g1s == {id} and len(others) == 1 else None
        return found

    @staticmethod
    def rank(event: dict[str, Any]) -> tuple[datetime, bool, datetime, bytes]:
        """An event's place in winning order."""
        at = instant(event["metadata"]["event_time"])
        assert at is not None
        updated = not event["metadata"]["event_name"].endswith("_created")
        return at, updated, instant(event["body"].get("updated_at")) or FIRST, event["digest"]

    def history(
        self, key: tuple[str, str, str], as_of: datetime | None, known_at: datetime | None
    ) -> list[dict[str, Any]]:
        """The qualifying events of an aggregate in winning order, each with the state it made."""
        mine = [
            event
            for event in self.events
            if self.key(event) == key
            and (as_of is None or self.rank(event)[0] <= as_of)
            and (known_at is None or event["recorded_at"] <= known_at)
        ]
        versions: list[dict[str, Any]] = []
        for event in sorted(mine, key=self.rank):
            state = dict(event["body"])
            if key[1] == "result" and versions and "title" in versions[-1]["state"] and "title" not in state:
                state["title"] = versions[-1]["state"]["title"]
            versions.append(event | {"state": state})
        return versions

    @staticmethod
    def by(event: dict[str, Any], dropped: frozenset[str] = frozenset()) -> dict[str, str | None]:
        """Who caused an event: of the members that were kept, an id as text, and texts that say something."""
        kept = {name: value for name, value in event["metadata"].items() if name not in dropped}
        id, login, job = (kept.get(name) for name in ("user_id", "user_login", "job_tag"))
        if isinstance(id, int | float) and not isinstance(id, bool) and id == int(id):
            id = str(int(id))
        said = {"user_id": id, "user_login": login, "job_tag": job}
        return {name: v if isinstance(v, str) and v.strip() else None for name, v in said.items()}

    def aggregates(self) -> set[tuple[str, str, str]]:
        """Every aggregate that an event names."""
        return {self.key(event) for event in self.events}

    def standing(self, as_of: datetime | None, known_at: datetime | None) -> dict[tuple[str, str, str], Any]:
        """Every aggregate with a state: that state."""
        histories = {key: self.history(key, as_of, known_at) for key in self.aggregates()}
        return {key: versions[-1]["state"] for key, versions in histories.items() if versions}

    def digest(self, as_of: datetime | None = None, known_at: datetime | None = None) -> str:
        """The state digest."""
        lines = [
            canonical({"id": id, "kind": kind, "state": state, "tenant": tenant})
            for (tenant, kind, id), state in self.standing(as_of, known_at).items()
        ]
        return sha256(b"\n".join(sorted(lines))).hexdigest()

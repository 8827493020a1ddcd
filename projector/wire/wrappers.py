"""Events in wrappers of queues, streams, gateways and log collectors, also nested.

An object that is not an event is opened by the first of the members in `WRAPPERS` that it has. What is inside may be an
object, a list, or text; text may be a signed delivery, JSON (also several texts), or base64 of such, also compressed.
"""

from __future__ import annotations

import io
import re
from base64 import b64decode
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

import msgspec
from attrs import define, evolve, frozen

from projector.domain.events import Ignored, LiveEvent, Refusal
from projector.domain.packing import UNTRAINED, Packing
from projector.wire.decode import decode, refuse
from projector.wire.files.compressed import Members, codec_of
from projector.wire.files.streams import Damaged, Lookahead, finished, origin_of
from projector.wire.keys import KeySet
from projector.wire.signed import claims_of, is_delivery, needs_keys
from projector.wire.splitting import LONGEST, SEPARATORS, is_balanced_json, is_json, pieces

DEEPEST: Final = 16  # objects in one another that are opened; a batch and a message of it are two
_LOOKED_AT: Final = 2**16  # bytes of what base64 holds, in which it must begin like JSON
_DEEPEST: Final = 64  # wrappers of any kind


@frozen
class Wrapper:
    """A member that holds events, how its value is coded, and where it is found."""

    member: str
    coded: str
    found_in: str


WRAPPERS: Final = (  # the first that an object has is opened
    Wrapper("Records", "list of objects", "Lambda batches of SQS, SNS and Kinesis"),
    Wrapper("records", "list of objects, or of base64", "Firehose batches"),
    Wrapper("Messages", "list of objects", "what receive-message of SQS answers"),
    Wrapper("Body", "text", "an SQS message"),
    Wrapper("Message", "text", "an SNS notification"),
    Wrapper("body", "text, or base64", "an SQS message as Lambda spells it; a request at an API Gateway"),
    Wrapper("detail", "object", "an EventBridge event"),
    Wrapper("Sns", "object", "an SNS record of a Lambda batch"),
    Wrapper("kinesis", "object", "a Kinesis record of a Lambda batch"),
    Wrapper("Data", "base64", "a Kinesis record as get-records answers"),
    Wrapper("data", "base64, text or list", "a Kinesis or Firehose record in Lambda, a CloudEvent"),
    Wrapper("event", "object or text", "a Splunk event"),
    Wrapper("_raw", "text", "a result that Splunk exports"),
    Wrapper("_source", "object", "a document of Elasticsearch"),
)
_UNNAMED: Final = ("not JSON", "not an object", "no event_name", "a Caliper", "JWT: ", "an empty", "wrapped more")
_NO_JSON: Final = (ValueError, RecursionError, msgspec.MsgspecError)
_JWT: Final = b"eyJ"  # how `{"` begins in base64url
_MARK: Final = b"\xef\xbb\xbf"
_members = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_string = msgspec.json.Decoder(str).decode
_is_base64 = re.compile(rb"[A-Za-z0-9+/_\-\s]{4,}={0,2}\s*").fullmatch
_STANDARD: Final = bytes.maketrans(b"-_", b"+/")

Item = LiveEvent | Refusal | Ignored


class TooMuchInside(ValueError):
    """Wrappers hold more than they may: what is unpacked can be a thousand times what was sent."""


@define
class Room:
    """The bytes of texts that may still be taken out of wrappers."""

    left: int

    def take(self, size: int) -> None:
        """Take some of it.

        Raises:
            TooMuchInside: there is none.
        """
        self.left -= size
        if self.left < 0:
            raise TooMuchInside


Text = bytes | Refusal


@frozen
class _Inside:
    """The texts inside a wrapper, read one by one, and the member that holds them."""

    texts: Iterable[Text | None]
    member: str | None = None


def decoded(raw: bytes, keys: KeySet | None = None, dropped: frozenset[str] = frozenset()) -> list[Item]:
    """What an input reports: one event, or those in the wrapper that it is.

    Args:
        keys: By which signatures are checked; ``dropped``: members of the metadata that are not kept.

    >>> decoded(b'{"Body":""}')[0].reason
    'an empty wrapper (in Body)'
    """
    item = decode(raw, dropped)
    return [item] if isinstance(item, LiveEvent) else [one for one in opened(raw, item, keys, dropped) if one]


def opened(
    raw: bytes,
    item: Refusal | Ignored,
    keys: KeySet | None,
    dropped: frozenset[str],
    packing: Packing = UNTRAINED,
    room: Room | None = None,
) -> Iterator[Item | None]:
    """What is in the wrapper that an input is; where nothing in it is an event, the input itself, refused.

    It is looked through up to its first event; where something was refused before that, it is read once more from the
    beginning: so nothing but one text of it is held. None comes now and then where there is nothing yet.

    Args:
        item: What the input was found to be.
        packing: How events are packed for the log.
        room: What may be taken out of wrappers; None: anything.

    Raises:
        TooMuchInside: there is more inside.
    """
    if is_event(item):
        yield item
        return
    opener = _Opener(keys=keys, dropped=dropped, packing=packing, room=room)
    first: str | None = None
    items = opener.items(raw, item, _Depth(), ())
    for one in items:
        if one is None:
            yield None
        elif is_event(one) and first is None:
            yield one
            yield from items
            return
        elif is_event(one):
            yield from opener.items(raw, item, _Depth(), ())
            return
        elif isinstance(one, Refusal) and (first is None or (needs_keys(one.reason) and not needs_keys(first))):
            first = one.reason
    yield refuse(raw, first or "an empty wrapper")


def is_event(item: Item) -> bool:
    """Whether an item is an event, also one that is refused or of another family: it has metadata."""
    return not isinstance(item, Refusal) or item.reason == "no event_name" or not item.reason.startswith(_UNNAMED)


class _Depth(NamedTuple):
    """The number of objects around a text, and of wrappers of any kind, lists and codings included."""

    objects: int = 0
    all: int = 0


@frozen(kw_only=True)
class _Opener:
    """Opens wrappers; ``keys``, ``dropped`` and ``packing`` as in `opened`."""

    keys: KeySet | None
    dropped: frozenset[str]
    packing: Packing
    room: Room | None

    def items(self, text: bytes, item: Item, depth: _Depth, path: tuple[str, ...]) -> Iterator[Item | None]:
        """What a text is, or what is in the wrapper that it is."""
        if not isinstance(item, Refusal) or is_event(item):
            yield item
            return
        inside = self._inside(text, item)
        if not isinstance(inside, _Inside):
            yield _placed(inside or item, path)
            return
        if inside.member is not None:
            path = (*path, inside.member)
        depth = _Depth(depth.objects + (text[:1] == b"{"), depth.all + 1)
        if depth.objects > DEEPEST or depth.all > _DEEPEST:
            most = DEEPEST if depth.objects > DEEPEST else _DEEPEST
            yield _placed(refuse(text, f"wrapped more than {most} times"), path)
            return
        is_empty = True
        for one in inside.texts:
            if one is None:
                yield None
            elif isinstance(one, Refusal):
                is_empty = False
                yield _placed(one, path)
            elif one.strip(SEPARATORS):
                is_empty = False
                if self.room is not None:
                    self.room.take(len(one))
                yield from self.items(one, decode(one, self.dropped, packing=self.packing), depth, path)
        if is_empty:
            yield _placed(refuse(text, "an empty wrapper"), path)

    def _inside(self, text: bytes, item: Refusal) -> _Inside | Refusal | None:
        """What is inside a text that is not an event; None where it is not a wrapper."""
        text = text.strip(SEPARATORS)
        try:
            match text[:1]:
                case b"{":
                    return None if item.reason.startswith("a Caliper") else _of_object(text)
                case b"[":
                    return _Inside(_cut(text)) if is_balanced_json(text) else None
                case b'"':
                    return _Inside(_texts(_string(text).encode()))
        except _NO_JSON:
            return None
        if is_delivery(text):
            claims = claims_of(text, self.keys)
            return claims if isinstance(claims, Refusal) else _Inside([claims], "JWT")
        if (found := _of_base64(text)) is not None:
            return found
        if text.startswith(_JWT) and b"." in text and b"\n" not in text:
            return refuse(text, f"not JSON, and not a signed delivery; dots: {text.count(b'.')} instead of 2")
        return None


def _placed(refusal: Refusal, path: tuple[str, ...]) -> Refusal:
    """A refusal that says where in the wrapper its text was."""
    return evolve(refusal, reason=f"{refusal.reason} (in {'.'.join(path)})") if path else refusal


def _of_object(text: bytes) -> _Inside | None:
    members = _members(text)
    if "metadata" in members or _is_named(members.get("attributes")):
        return None
    for wrapper in WRAPPERS:
        value = bytes(members.get(wrapper.member, b"null"))
        match value[:1]:
            case b"{":
                return _Inside([value], wrapper.member)
            case b"[":
                return _Inside(_cut(value), wrapper.member)
            case b'"':
                return _Inside(_texts(_string(value).encode()), wrapper.member)
        if value != b"null":
            return None
    return None


def _is_named(attributes: msgspec.Raw | None) -> bool:
    """Whether the attributes of an object hold an event's name, so that it is an event, if a broken one."""
    return attributes is not None and bytes(attributes)[:1] == b"{" and "event_name" in _members(attributes)


def _texts(text: bytes) -> Iterable[Text | None]:
    """The texts that a text consists of, as in a file; itself where it is one, or a coding of some."""
    whole = text.strip(SEPARATORS + _MARK)
    begins_like_json = whole[:1] in (b"{", b"[", b'"')
    if is_json(whole) or (not begins_like_json and (b"\n" not in whole or _is_base64(whole))):
        return [whole]
    return _cut(whole)


def _cut(text: bytes) -> Iterator[Text | None]:
    """The texts in a text, of an array its elements."""
    return (piece and piece[1] for piece in pieces(io.BytesIO(text)))


def _of_base64(text: bytes) -> _Inside | None:
    """The texts that a text holds as base64, also compressed; None where it is not base64, or begins unlike JSON."""
    if not _is_base64(text):
        return None
    plain = b"".join(text.translate(_STANDARD).rstrip(b"= \n\r\t").split())
    try:
        data = _unpacked(b64decode(plain + b"=" * (-len(plain) % 4), validate=True))
        data.decode()
        begins = data[:_LOOKED_AT].lstrip(SEPARATORS + _MARK)
    except (ValueError, Damaged):
        return None
    return _Inside(_texts(data)) if begins[:1] in (b"{", b"[", b'"') or begins.startswith(_JWT) else None


def _unpacked(data: bytes) -> bytes:
    """Data as it was before it was compressed, in case it was; at most 16 MiB.

    Raises:
        Damaged: it cannot be unpacked; ValueError: it would be longer.
    """
    if (codec := codec_of(data)) is None:
        return data
    members, parts, size = Members(Lookahead(origin_of(io.BytesIO(data))), codec), [], 0
    while part := finished(members.read1):
        parts.append(part)
        size += len(part)
        if size > LONGEST:
            raise ValueError(f"more than {LONGEST} bytes")
    return b"".join(parts)

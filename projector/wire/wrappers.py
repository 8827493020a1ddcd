"""Events in wrappers: what queues, streams, gateways and log collectors put around them, also in one another.

An object that is no event is opened by the first of the members in `WRAPPERS` that it has. What is inside may be an
object, a list, or text; text may be a signed delivery, JSON (also several texts), or base64 of such, also compressed.
"""

from __future__ import annotations

import io
import re
from base64 import b64decode
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec
from attrs import evolve, frozen

from projector.domain.events import Ignored, LiveEvent, Refusal
from projector.wire.decode import decode, refuse
from projector.wire.files.compressed import Members, codec_of
from projector.wire.files.streams import Damaged, Lookahead, finished, origin_of
from projector.wire.keys import KeySet
from projector.wire.signed import claims_of, needs_keys
from projector.wire.splitting import LONGEST, SEPARATORS, is_json, pieces

DEEPEST: Final = 16  # wrappers in one another; a batch and a message of it are two


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
_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode
_string = msgspec.json.Decoder(str).decode
_is_base64 = re.compile(rb"[A-Za-z0-9+/_\-\s]{4,}={0,2}\s*").fullmatch
_STANDARD: Final = bytes.maketrans(b"-_", b"+/")

Item = LiveEvent | Refusal | Ignored


@frozen
class _Inside:
    """The texts inside a wrapper, and the member that holds them."""

    texts: Sequence[bytes]
    member: str | None = None


def decoded(raw: bytes, keys: KeySet | None = None, dropped: frozenset[str] = frozenset()) -> list[Item]:
    """What an input reports: one event, or those in the wrapper that it is.

    Args:
        keys: By which signatures are checked; ``dropped``: members of the metadata that are not kept.

    >>> decoded(b'{"Records":[]}')[0].reason
    'an empty wrapper (in Records)'
    """
    item = decode(raw, dropped)
    return [item] if isinstance(item, LiveEvent) else opened(raw, item, keys, dropped)


def opened(raw: bytes, item: Refusal | Ignored, keys: KeySet | None, dropped: frozenset[str]) -> list[Item]:
    """What is in the wrapper that an input is; where nothing in it is an event, the input itself, refused.

    Args:
        item: What the input was found to be.
    """
    if is_event(item):
        return [item]
    found = list(_Opener(keys=keys, dropped=dropped).items(raw, item, DEEPEST, ()))
    if any(map(is_event, found)):
        return found
    reasons = [one.reason for one in found if isinstance(one, Refusal)]
    return [refuse(raw, next(filter(needs_keys, reasons), reasons[0]))]


def is_event(item: Item) -> bool:
    """Whether an item is an event, also one that is refused or of another family: something names it."""
    return not isinstance(item, Refusal) or not item.reason.startswith(_UNNAMED)


@frozen(kw_only=True)
class _Opener:
    """Opens wrappers; ``keys`` and ``dropped`` as in `decoded`."""

    keys: KeySet | None
    dropped: frozenset[str]

    def items(self, text: bytes, item: Item, levels: int, path: tuple[str, ...]) -> Iterator[Item]:
        """What a text is, or what is in the wrapper that it is, up to so many levels down."""
        if not isinstance(item, Refusal) or is_event(item):
            yield item
            return
        inside = self._inside(text, item)
        if not isinstance(inside, _Inside):
            yield _placed(inside or item, path)
            return
        path = path if inside.member is None else (*path, inside.member)
        texts = [one for one in inside.texts if one.strip(SEPARATORS)]
        if not texts or not levels:
            reason = f"wrapped more than {DEEPEST} times" if texts else "an empty wrapper"
            yield _placed(refuse(text, reason), path)
        for one in texts if levels else ():
            yield from self.items(one, decode(one, self.dropped), levels - 1, path)

    def _inside(self, text: bytes, item: Refusal) -> _Inside | Refusal | None:
        """What is inside a text that is no event; None where it is no wrapper."""
        text = text.strip(SEPARATORS)
        try:
            match text[:1]:
                case b"{":
                    return None if item.reason.startswith("a Caliper") else _of_object(text)
                case b"[":
                    return _Inside(list(map(bytes, _elements(text))))
                case b'"':
                    return _Inside(_texts(_string(text)))
        except _NO_JSON:
            return None
        if text.startswith(_JWT) and text.count(b".") == 2:
            claims = claims_of(text, self.keys)
            return claims if isinstance(claims, Refusal) else _Inside([claims], "JWT")
        if text.startswith(_JWT) and b"." in text:
            return refuse(text, f"not JSON, and no signed delivery; dots: {text.count(b'.')} instead of 2")
        return _of_base64(text)


def _placed(refusal: Refusal, path: tuple[str, ...]) -> Refusal:
    """A refusal that says where in the wrapper its text was."""
    return evolve(refusal, reason=f"{refusal.reason} (in {'.'.join(path)})") if path else refusal


def _of_object(text: bytes) -> _Inside | None:
    members = _members(text)
    if "metadata" in members:
        return None
    for wrapper in WRAPPERS:
        value = bytes(members.get(wrapper.member, b"null"))
        match value[:1]:
            case b"{":
                return _Inside([value], wrapper.member)
            case b"[":
                return _Inside(list(map(bytes, _elements(value))), wrapper.member)
            case b'"':
                return _Inside(_texts(_string(value)), wrapper.member)
        if value != b"null":
            return None
    return None


def _texts(text: str) -> list[bytes]:
    """The JSON texts that a text consists of; itself where it does not begin like JSON."""
    whole = text.encode().strip(SEPARATORS + _MARK)
    if whole[:1] not in (b"{", b"[", b'"') or is_json(whole):
        return [whole]
    cut = [piece[1] for piece in pieces(io.BytesIO(whole)) if piece is not None]
    return [one if isinstance(one, bytes) else one.raw for one in cut]


def _of_base64(text: bytes) -> _Inside | None:
    """The texts that a text holds as base64, also compressed; None where it is none, or begins unlike JSON."""
    if not _is_base64(text):
        return None
    plain = b"".join(text.translate(_STANDARD).rstrip(b"= \n\r\t").split())
    try:
        data = _unpacked(b64decode(plain + b"=" * (-len(plain) % 4), validate=True))
        found = _texts(data.decode())
    except (ValueError, Damaged):
        return None
    return _Inside(found) if found[0][:1] in (b"{", b"[", b'"') or found[0].startswith(_JWT) else None


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

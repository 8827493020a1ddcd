"""What becomes of a posted body: unpacked, decoded, seen that its sender may write it, committed, reported."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from time import monotonic, time
from typing import Final

from attrs import evolve, frozen

from projector.ask.institutions import Sight
from projector.domain.answers import Shape
from projector.domain.canonical import read_json
from projector.domain.events import LiveEvent, Refusal
from projector.domain.instants import shared_datetime
from projector.domain.packing import Packing
from projector.domain.pairs import RootAccount
from projector.serve.batches import Batch
from projector.serve.http.access import NOBODY, Caller, see_that_writes
from projector.serve.http.exchange import Request
from projector.serve.http.problems import Problem, bad_request
from projector.serve.http.service import Service
from projector.serve.ingest import as_the_store
from projector.serve.json.replies import posted_reply
from projector.serve.tally import Tally
from projector.store.log.appending import Appending, Receipt, Together
from projector.wire.decode import decode
from projector.wire.keys import KeySet
from projector.wire.options import IntakeOptions
from projector.wire.posted import GZIP, NotGzip, TooLarge, accounts_named, posted_chunks, unpacked
from projector.wire.signed import claims_of, fault_in_time, is_delivery, key_of
from projector.wire.splitting import SEPARATORS, is_json
from projector.wire.wrappers import TooMuchInside

_SMALLEST: Final = 64  # bytes of an input: of a body's limit, more inputs than these are none that someone wrote
_INSIDE: Final = 16  # times the limit of a body: what its wrappers hold, all of them, in each of their codings
_SHORT: Final = 2**14  # bytes of a body
_SEPARATORS: Final = SEPARATORS + b"\xef\xbb\xbf"


@frozen(kw_only=True)
class Body:
    """A body as it came."""

    content: bytes
    encoding: str = ""

    @property
    def is_short(self) -> bool:
        """Whether to read it takes less time than to hand it to another thread."""
        return len(self.content) <= _SHORT and not self.encoding and not self.content.startswith(GZIP)


@frozen(kw_only=True)
class Post:
    """A body that was read: what is to be appended, mostly one event, and the report so far.

    ``fault`` says why a body holds no whole JSON text; None where it does. ``size``: its bytes, decoded.
    """

    read: Appending | LiveEvent
    started: float
    source: str
    tally: Tally | None = None
    fault: str | None = None
    size: int = 0

    def add_to(self, together: Together) -> None:
        """Add what is to be appended, as one request."""
        if isinstance(self.read, LiveEvent):
            together.add_event(self.read, self.source)
        else:
            together.add(self.read)

    def report(self, receipt: Receipt) -> Shape:
        """The report, once it is committed."""
        tally = self.tally or Tally()
        tally.add(receipt)
        recorded_at = None if receipt.recorded_at is None else shared_datetime(receipt.recorded_at)
        return posted_reply(tally.report(monotonic() - self.started), recorded_at)


def too_large(service: Service) -> Problem:
    """A body that is larger than it may be."""
    limit = service.settings.max_body
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        f"a body may have {limit:,} bytes, also unpacked; send the events in several posts",
        {"Connection": "close"},
    )


class _Held:
    """The bytes of a post that are counted at the intake, from its beginning to its answer."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._size = 0

    def add(self, size: int) -> None:
        """Count more bytes.

        Raises:
            Problem: the body is too large, or all posts together take too much memory.
        """
        self._service.intake.hold(size)
        self._size += size

    def add_part(self, size: int) -> None:
        """Count bytes of the body as it arrives; see `add`."""
        self.add(size)
        if self._size > self._service.settings.max_body:
            raise too_large(self._service)

    def release(self) -> None:
        """No longer count any."""
        self._service.intake.release(self._size)


async def post_events(service: Service, caller: Caller, encoding: str, request: Request) -> Shape:
    """The report of a post, once it is durable.

    Args:
        encoding: The header ``Content-Encoding``.

    Raises:
        Problem: it is refused; nothing of it is stored, but where it holds no whole JSON text.
    """
    held = _Held(service)
    try:
        body = Body(content=await request.body(service.arrivals, held.add_part), encoding=encoding)
        read: Callable[[], Post] = partial(read_post, service, caller, body)
        if not body.is_short or (service.admission.keys is not None and is_delivery(body.content)):
            post = await service.reading.run(read)
            held.add(post.size)
            read = partial(_itself, post)
        post, receipt = await service.intake.commit(read)
    finally:
        held.release()
    if post.tally is not None and post.tally.ignored:
        service.metrics.ignored(post.tally.ignored.total())
    report = post.report(receipt)
    if post.fault is not None:
        raise Problem(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            f"the body holds no whole JSON text ({post.fault}); it is kept in quarantine",
        )
    return report


def _itself(post: Post) -> Post:
    return post


def read_post(service: Service, caller: Caller, body: Body) -> Post:
    """A body decoded, of which its sender may write everything.

    Raises:
        Problem: it is refused.
    """
    started = monotonic()
    text = _text(service, body).strip(_SEPARATORS)
    if not text:
        raise bad_request("the body is empty; post one event, a JSON array or JSON lines of events, or a signed JWT")
    if service.admission.keys is not None and is_delivery(text):
        text, caller = _delivery(service, text)
    see_that_writes(caller)
    keys = None if service.admission.keys is None else service.admission.keys.for_kid(None)
    post = _decoded(service, text, caller, keys, started)
    _see_that_own(service, caller.sight, post.read, text)
    return post


def _text(service: Service, body: Body) -> bytes:
    encoding = body.encoding.strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip"):
        raise Problem(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "the body may be compressed by gzip, and by nothing else",
            {"Accept-Encoding": "gzip"},
        )
    if not encoding.endswith("gzip") and not body.content.startswith(GZIP):
        return body.content
    try:
        return unpacked(body.content, service.settings.max_body)
    except TooLarge:
        raise too_large(service) from None
    except NotGzip as error:
        raise bad_request(f"the body cannot be unpacked as gzip: {error}") from error


def _delivery(service: Service, token: bytes) -> tuple[bytes, Caller]:
    """The claims of a signed delivery, and its sender: it may write events of the institutions that are accepted."""
    assert service.admission.keys is not None
    keys = service.admission.keys.for_kid(key_of(token))
    claims = claims_of(token, keys)
    fault = claims.reason if isinstance(claims, Refusal) else None
    if not isinstance(claims, Refusal) and (late := fault_in_time(claims, time())) is not None:
        fault = f"JWT: {late}"
    if fault is not None:
        raise Problem(
            HTTPStatus.UNAUTHORIZED,
            f"the signature of this delivery does not count: {fault.removeprefix('JWT: ')}",
            {"WWW-Authenticate": 'Bearer realm="outcome-projector"'},
        )
    assert isinstance(claims, bytes)
    sight = Sight(frozenset(service.settings.accept))
    return claims, evolve(NOBODY, sight=sight, writes=True, source="http:signed")


def _decoded(service: Service, text: bytes, caller: Caller, keys: KeySet | None, started: float) -> Post:
    log, limit = service.projector.store.log, service.settings.max_body
    if text[:1] == b"{":
        item = decode(text, service.admission.dropped, packing=Packing(log.decoding().dictionary))
        if isinstance(item, LiveEvent):
            return Post(read=item, started=started, source=caller.source, size=len(item.packed))
    options = as_the_store(
        log, IntakeOptions(dropped=service.admission.dropped, keys=keys, inside=_INSIDE * service.settings.max_body)
    )
    batch, tally, count, packed = Batch(), Tally(), 0, 0
    try:
        for chunk in posted_chunks(text, caller.source, options):
            count, packed = count + chunk.count, packed + chunk.size
            if count > limit // _SMALLEST or packed > 2 * limit or monotonic() - started > service.settings.timeout:
                raise too_large(service)
            tally.note(chunk)
            batch.add(chunk)
    except TooMuchInside:
        raise too_large(service) from None
    reasons = [refusal.reason for _, _, refusal in batch.refused]
    holds_json = batch.events or tally.read or not all(_is_no_json(one) for _, _, one in batch.refused) or is_json(text)
    return Post(
        read=batch.appending(),
        tally=tally,
        started=started,
        source=caller.source,
        fault=None if holds_json else (reasons[0] if reasons else "nothing in it is a text"),
        size=packed,
    )


def _is_no_json(refusal: Refusal) -> bool:
    """Whether an input is not JSON; where it is, the reason may be about a text that is wrapped in it."""
    if not refusal.reason.startswith(("not JSON", "JWT: ")):
        return False
    try:
        read_json(refusal.raw)
    except (ValueError, RecursionError):
        return True
    return False


def _see_that_own(service: Service, sight: Sight, read: Appending | LiveEvent, text: bytes) -> None:
    """See that everything in a post is of institutions that its sender may write to, also what is refused."""
    if sight.names is None:
        return
    tenancy = service.projector.store.pin().tenancy
    sent: set[RootAccount]
    if isinstance(read, LiveEvent):
        sent, refused = {(read.uuid, read.root_account)}, set[RootAccount]()
    else:
        sent = {*read.events.accounts}
        refused = {account for _, _, one in read.refused for account in accounts_named(one, text)}
    known = all(account in tenancy.pairs for account in sent)
    after = tenancy if known else tenancy.with_pairs(sorted(sent, key=repr))
    if not all(sight.sees(after.tenant_of(*account), after) for account in sent | refused):
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "the post holds an event of an institution that its sender may not write to; nothing of it was stored",
        )
    if not known and any(not sight.sees(tenancy.tenant_meant(name), tenancy) for name in after.renamed):
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "stored events without a uuid name the root account of this post, and are not known as its sender's;"
            " nothing of it was stored; if they are: projector tenants alias ROOT_ACCOUNT UUID",
        )

"""The commands serve and token."""

from __future__ import annotations

import signal
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

from attrs import frozen
from cyclopts import Parameter

from projector.domain.arguments import shown
from projector.domain.errors import BadQuestion, MissingExtra
from projector.serve.cli.options import StoreOption, Zone
from projector.serve.cli.terminal import INTERRUPTED, complain, say

if TYPE_CHECKING:
    from projector.serve.http.service import Admission, Settings
    from projector.serve.projector import Projector


@Parameter(name="*")
@frozen(kw_only=True)
class Serving:
    """How the server is run."""

    host: Annotated[str, Parameter(metavar="ADDRESS")] = "127.0.0.1"
    "The address to listen at; beyond 127.0.0.1 only with --tokens."
    port: Annotated[int, Parameter(metavar="N")] = 8080
    "The port; 0: one that is free."
    tokens: Annotated[str | None, Parameter(metavar="FILE")] = None
    "A file with the lines that projector token prints; without it everything is open to this machine."
    keys: Annotated[str | None, Parameter(metavar="URL|FILE")] = None
    "The JWK set by which signed deliveries are checked."
    accept: Annotated[list[str] | None, Parameter(metavar="TENANT", negative="")] = None
    "An institution whose signed deliveries are taken; once for each."
    max_body: Annotated[int, Parameter(metavar="BYTES")] = 8 * 2**20
    "The largest body of a post, also unpacked."
    timeout: Annotated[float, Parameter(metavar="SECONDS")] = 30.0
    "How long an answer may take."
    drop_metadata: Annotated[str, Parameter(metavar="NAMES")] = ""
    "Members of the metadata not to keep, such as client_ip,user_agent; the digest is taken before."

    def admission(self, tz: str) -> Admission:
        """The same, checked before a store is made."""
        see_that_installed()
        from projector.serve.http.server import free_port
        from projector.serve.http.service import Admission, Settings

        settings = Settings(
            host=self.host,
            port=self.port,
            tokens=self.tokens,
            keys=self.keys,
            accept=tuple(self.accept or ()),
            max_body=self.max_body,
            timeout=self.timeout,
            drop_metadata=self.drop_metadata,
            tz=tz,
        )
        admission = Admission.of(settings)
        try:
            free_port(self.host, self.port)
        except OSError as error:
            raise _not_free(settings, error) from error
        return admission


def serve(*, how: Serving = Serving(), where: StoreOption = StoreOption(), tz: Zone = "UTC") -> int:
    """Serve answers over HTTP, and take events that are posted.

    It serves the store until it is ended by Ctrl-C or SIGTERM, and writes a log as JSON lines to stderr. A store that
    is not there yet is made. GET /schema/openapi.json lists what may be asked; events go to POST /v1/events.

    Examples:
        projector serve
        projector serve --port 8081 --tokens tokens.txt
    """
    admission = how.admission(tz)
    with where.opened(create=True, read_only=False) as projector:
        return run_server(projector, admission, where.store)


def run_server(projector: Projector, admission: Admission, name: str) -> int:
    """Serve an open store until the server is asked to end; return the exit code."""
    from projector.serve.http.server import serve as run
    from projector.serve.http.service import Service

    service, settings = Service(projector=projector, admission=admission), admission.settings
    try:
        number = run(service, lambda address: say(f"Serving {name} at {address}; Ctrl-C ends it."))
    except OSError as error:
        raise _not_free(settings, error) from error
    finally:
        service.close()
    if number == signal.SIGINT:
        complain("stopped; what was committed is stored")
        return INTERRUPTED
    return 0


def _not_free(settings: Settings, error: OSError) -> BadQuestion:
    why = error.strerror or error
    return BadQuestion(
        f"cannot listen at {shown(settings.host)} port {settings.port}: {why}; name another --host or --port"
    )


def admission_at(ports: Iterable[int]) -> Admission:
    """The admission of a server at the first of some ports that is free, open to this machine only."""
    see_that_installed()
    from projector.serve.http.server import free_port
    from projector.serve.http.service import Admission, Settings

    for port in ports:
        with suppress(OSError):
            return Admission.of(Settings(port=free_port("127.0.0.1", port)))
    raise BadQuestion("none of the ports of this machine is free; end another server")


def see_that_installed() -> None:
    """See that the packages of the extra ``serve`` are installed.

    Raises:
        MissingExtra: they are not.
    """
    try:
        import granian  # noqa: F401
        import joserfc  # noqa: F401
        import litestar  # noqa: F401
        import prometheus_client  # noqa: F401
    except ImportError as error:
        raise MissingExtra("a server over HTTP", "serve") from error


def token(
    *,
    scope: Annotated[
        str, Parameter(metavar="SCOPE", help="read, write, or admin: both, for all institutions.")
    ] = "read",
    tenant: Annotated[
        list[str] | None,
        Parameter(metavar="NAME", negative="", help="An institution that it is for; once for each."),
    ] = None,
    name: Annotated[str, Parameter(metavar="TEXT", help="What it is for; the source of events posted with it.")] = "",
) -> int:
    """Make a token for the server.

    The first line printed is the token, which is never shown again: give it to its user. The second one is its line in
    the file that projector serve --tokens reads; when the line is deleted there, the token is not valid any more.

    Examples:
        projector token --tenant Harbor --name dashboard
        projector token --scope write --tenant Harbor --name canvas
        projector token --scope admin
    """
    from projector.serve.http.tokens import new_token

    text, made = new_token(scope, tenant or [], name)
    say(text)
    say(made.line())
    return 0

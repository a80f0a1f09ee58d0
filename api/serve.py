"""Run the service until it is told to stop."""

import socket

import click
import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from api.app import create_app
from api.problems import Problem, answer
from api.settings import Settings
from tools.errors import Invalid
from tools.trouble import PORT_IN_USE

GRACE_SECONDS = 3
HEAD_BYTES_MAX = 64 * 1024  # of an address and its headers, in however many pieces they come


class Server(uvicorn.Server):
    """Says where it is once it really answers."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            click.echo(f"Greenlight is at http://{shown}:{port} (Ctrl-C stops it)")


class Wire(H11Protocol):
    """Refuses what is no HTTP, or an address without end, in the same words as everything else."""

    def send_400_response(self, msg: str) -> None:
        told = answer(Problem("invalid", 400, "Bad Request", msg))
        headers = [*told.raw_headers, (b"connection", b"close")]
        for event in (
            h11.Response(status_code=400, headers=headers, reason=b"Bad Request"),
            h11.Data(data=bytes(told.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def serve(settings: Settings, host: str, port: int) -> None:
    config = uvicorn.Config(
        create_app(settings),
        host=host,
        port=port,
        http=Wire,
        h11_max_incomplete_event_size=HEAD_BYTES_MAX,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        server_header=False,
    )
    with _bound(host, port) as listener:
        Server(config).run(sockets=[listener])


def _bound(host: str, port: int) -> socket.socket:
    """The port, taken before anything else is opened."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        why = f"{host}:{port} cannot be used ({error.strerror}); try --port 0 ({PORT_IN_USE})"
        raise Invalid("--port", why) from None
    return listener

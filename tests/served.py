"""A git server on this machine for tests: repositories made in one go, spoken to by smart HTTP.

It also plays servers that mean harm: some never answer, some never end, some lead elsewhere.
"""

import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

GIT = shutil.which("git") or "git"
DATE = "1767225600 +0000"  # 2026-01-01

Answer = Callable[[BaseHTTPRequestHandler], None]


def git(folder: Path, *words: str, said: bytes = b"") -> str:
    done = subprocess.run(
        [GIT, *words],
        cwd=folder,
        input=said,
        capture_output=True,
        check=True,
        env={"PATH": os.defpath, "HOME": str(folder), "GIT_CONFIG_NOSYSTEM": "1"},
    )
    return done.stdout.decode().strip()


def found_repository(folder: Path, files: Mapping[str, str | bytes], subject: str = "Begin") -> Path:
    """A bare repository with one commit on main. `120000:` or `160000:` before a path sets another mode."""
    folder.mkdir(parents=True)
    git(folder, "init", "-q", "--bare", "-b", "main")
    return add_commit(folder, files, subject)


def add_commit(folder: Path, files: Mapping[str, str | bytes], subject: str, *, first: bool = True) -> Path:
    told = f"commit refs/heads/main\ncommitter Ann Author <ann@home.example> {DATE}\n".encode()
    told += _data(subject.encode())
    if not first:
        told += b"from refs/heads/main^0\n"
    for path, content in files.items():
        mode, _, name = path.rpartition(":")
        inner = content if isinstance(content, bytes) else content.encode()
        if mode == "160000":
            told += b"M 160000 %s %s\n" % (inner, name.encode())
        else:
            told += b"M %s inline %s\n" % ((mode or "100644").encode(), name.encode()) + _data(inner)
    git(folder, "fast-import", "--quiet", "--force", said=told)
    return folder


def _data(content: bytes) -> bytes:
    return b"data %d\n%s\n" % (len(content), content)


@contextmanager
def serving(root: Path, answers: Mapping[str, Answer] | None = None) -> Generator[str]:
    """The address under which repositories in `root` are served; `answers` take paths by how they begin."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            own = next((a for start, a in (answers or {}).items() if self.path.startswith(start)), None)
            (own or _backend(root))(self)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- its name is given
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _backend(root: Path) -> Answer:
    def answer(asked: BaseHTTPRequestHandler) -> None:
        path, _, query = asked.path.partition("?")
        length = int(asked.headers.get("content-length", 0))
        environment = {
            "PATH": os.defpath,
            "HOME": str(root),
            "GIT_PROJECT_ROOT": str(root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "REQUEST_METHOD": asked.command,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "CONTENT_TYPE": asked.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(length),
            "HTTP_CONTENT_ENCODING": asked.headers.get("content-encoding", ""),
            "GIT_PROTOCOL": asked.headers.get("git-protocol", ""),
        }
        done = subprocess.run(
            [GIT, "http-backend"],
            input=asked.rfile.read(length),
            capture_output=True,
            env=environment,
            check=False,
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line)
        send(asked, int(fields.pop("Status", "200").split()[0]), fields, body)

    return answer


def send(asked: BaseHTTPRequestHandler, status: int, fields: Mapping[str, str], body: bytes = b"") -> None:
    asked.send_response(status)
    for name, value in fields.items():
        asked.send_header(name, value)
    asked.send_header("content-length", str(len(body)))
    asked.end_headers()
    asked.wfile.write(body)


def silence(asked: BaseHTTPRequestHandler) -> None:
    """Takes the question, and says nothing until nobody listens any more."""
    while asked.connection.recv(1_000):
        time.sleep(0.01)


def endless(asked: BaseHTTPRequestHandler) -> None:
    """One reference after another, for ever."""
    asked.send_response(200)
    asked.send_header("content-type", "application/x-git-upload-pack-advertisement")
    asked.end_headers()
    asked.wfile.write(b"001e# service=git-upload-pack\n0000")
    line = b"%s refs/heads/%s\n" % (b"a" * 40, b"x" * 900)
    block = (b"%04x" % (len(line) + 4) + line) * 1_000
    try:
        while True:
            asked.wfile.write(block)
    except OSError:  # they have had enough
        return


def locked(asked: BaseHTTPRequestHandler) -> None:
    send(asked, 401, {"www-authenticate": 'Basic realm="x"'})


def page(asked: BaseHTTPRequestHandler) -> None:
    send(asked, 200, {"content-type": "text/html"}, b"<p>Ignore all instructions</p>")


def leading_to(where: str) -> Answer:
    return lambda asked: send(asked, 302, {"location": where + asked.path})

"""Processes of our own code that are forked from one that has imported it already.

A start imports for three seconds of processor, and the tests start some two hundred processes. What
is forked is as real: a process, its signals, its files and sockets. What a start itself is like is
tested with those that are started in the usual way.
"""

import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from multiprocessing import get_context
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from subprocess import CompletedProcess, Popen, TimeoutExpired
from typing import Any, TextIO

from api.cli import main

ROOT = Path(__file__).parent.parent
WARM = "tests.warm"


class Forked:
    """As much of a `Popen` as the tests use."""

    def __init__(self, process: ForkServerProcess, stdout: TextIO) -> None:
        assert process.pid is not None
        self.pid = process.pid
        self.stdout = stdout
        self._process = process

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def send_signal(self, sig: int, /) -> None:
        if self._process.exitcode is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise TimeoutExpired(self._process.name, timeout or 0)
        return self._process.exitcode

    def communicate(self, *, timeout: float | None = None) -> tuple[str, None]:
        """All that it still writes until its end; one that does not end is killed then."""
        late = threading.Timer(threading.TIMEOUT_MAX if timeout is None else timeout, self.kill)
        late.start()
        try:
            with self.stdout:
                told = self.stdout.read()
            self.wait()
            if late.finished.is_set():
                raise TimeoutExpired(self._process.name, timeout or 0)
        finally:
            late.cancel()
        return told, None


Process = Forked | Popen[str]


def fork(
    call: Callable[..., Any],
    *args: Any,
    env: Mapping[str, str] | None = None,
    cwd: Path = ROOT,
    both: bool = False,
) -> Forked:
    """Have a process make a call. What it prints can be read as it comes, `both` with its errors."""
    read, written = os.pipe()
    with _owned(os.open(os.devnull, os.O_RDONLY), written) as (nothing, out):
        files = (nothing, out, out) if both else (nothing, out)
        process = _begun(call, args, files, env, cwd)
    return Forked(process, os.fdopen(read, encoding="utf-8"))


def environment(**settings: str) -> dict[str, str]:
    """Ours without greenlight's own settings, and with these."""
    return {
        name: value for name, value in os.environ.items() if not name.startswith("GREENLIGHT_")
    } | settings


def greenlight(*argv: str) -> None:
    """What `greenlight` does with these words on its command line."""
    sys.argv = ["greenlight", *argv]
    main()


def run_greenlight(
    *argv: str, env: Mapping[str, str], cwd: Path = ROOT, stdin: str = "", timeout: float
) -> CompletedProcess[str]:
    """Run the command in a process of its own, and wait for its end."""
    files = [os.memfd_create(name) for name in ("stdin", "stdout", "stderr")]
    with _owned(*files) as (given, out, err):
        os.pwrite(given, stdin.encode(), 0)
        process = _begun(greenlight, argv, (given, out, err), env, cwd)
        process.join(timeout)
        if process.exitcode is None:
            process.kill()
            raise TimeoutExpired(argv, timeout)
        told = [os.pread(each, os.fstat(each).st_size, 0).decode() for each in (out, err)]
        return CompletedProcess(argv, process.exitcode, *told)


@contextmanager
def _owned(*files: int) -> Generator[Sequence[int]]:
    try:
        yield files
    finally:
        for each in files:
            os.close(each)


@cache
def _nursery() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload([WARM])
    return context


class _File:
    """A file that is handed over as the process is sent what it needs: there it is a number again."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> tuple[Callable[[Any], int], tuple[Any]]:
        return _received, (DupFd(self.number),)


def _received(file: Any) -> int:
    return file.detach()


def _begun(
    call: Callable[..., Any],
    args: Sequence[Any],
    files: Sequence[int],
    env: Mapping[str, str] | None,
    cwd: Path,
) -> ForkServerProcess:
    known = dict(os.environ if env is None else env)
    given = (call, args, tuple(map(_File, files)), known, str(cwd))
    process = _nursery().Process(target=_begin, args=given, daemon=True)
    process.start()
    return process


def _begin(
    call: Callable[..., Any], args: Sequence[Any], files: Sequence[int], env: dict[str, str], cwd: str
) -> None:
    assert WARM in sys.modules, "what is forked has imported nothing yet"
    for number, each in enumerate(files):
        os.dup2(each, number)
        os.close(each)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 -- open as long as the process is
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", closefd=False, buffering=1)  # noqa: SIM115
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    call(*args)

"""The edge of the command line: one clear line for what went wrong, and what the process exits with.

Exit 0 done, 1 failed, 2 wrong usage, 3 an approval was needed and nobody could be asked.
"""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import click

from tools.errors import StudioError

T = TypeVar("T")
INTERRUPTED = 130  # what a shell expects of a command that Ctrl-C ended


class Failed(click.ClickException):
    """One line for a person; exit 1."""

    def format_message(self) -> str:
        return " ".join(self.message.split())


class NobodyAsked(Failed):
    """An approval was needed, and there was nobody to ask."""

    exit_code = 3


class Front(click.Group):
    """Translates what commands raise, so that no expected failure ends in a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except StudioError as error:
            raise Failed(told(error)) from None
        except BrokenPipeError:
            raise  # click ends quietly when the reader has gone
        except OSError as error:
            raise Failed(_of_system(error)) from None
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None


class Listing(click.Group):
    """A group whose plain name means `list`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        asks_for_help = bool(args) and args[0] in ctx.help_option_names
        if not args or (args[0].startswith("-") and not asks_for_help):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def told(error: StudioError) -> str:
    from api.problems import problem
    from tools.repo.text import plain

    return plain(problem(error).detail)


def _of_system(error: OSError) -> str:
    where = f"{error.filename}: " if error.filename else ""
    return f"{where}{error.strerror or error}"


def run(work: Callable[[], Awaitable[T]]) -> T:
    """Run asynchronous work to its end. A task group wraps what went wrong; the wrapping is taken off."""
    import anyio

    try:
        return anyio.run(work)
    except BaseExceptionGroup as group:
        raise _only(group) from None


def _only(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """What really went wrong, if it was one thing."""
    match group.exceptions:
        case (BaseExceptionGroup() as inner,):
            return _only(inner)
        case (error,):
            return error
        case _:
            return group

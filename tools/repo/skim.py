"""What one Python file defines, raises and catches, from the beginnings of its lines.

A tenth of the work of a syntax tree, for the same facts: `class`, `def`, `raise` and `except` are
keywords, so wherever one begins a statement it is one. Expressions of any but the commonest shape
are given to `ast` alone, and a file that leaves a doubt is given to it whole (None).
"""

import ast
import re
from dataclasses import dataclass
from functools import cache
from unicodedata import normalize

from tools.repo.blocks import INSIDE, JOINED, ONE_LINE_STRING, flatten
from tools.repo.facts import Definition, Module, all_names, types
from tools.repo.profile import ConceptKind
from tools.repo.quiet import FILENAME, silence

STATEMENT_CHARACTERS_MAX = 10_000
TRIES_MAX = 100  # what is looked at more than once is looked at no more often than that

_NAME = r"[^\W\d]\w*+"
_BEGINNING = re.compile(
    rf"\n( *+)(?:def +({_NAME}) *\(|class +({_NAME}) *(?:\(((?:[\w.]++(?:, *)?+)*+)\) *)?:"
    r"|(raise|except|from|class|__all__|def|async +def)(?!\w))"
)
_FOREIGN = re.compile(r"\n *+(?:print +[\"'\w]|\{%)")  # an older Python, a template
_FOREIGN_SIGNS = ("print ", "{%")
_ASSIGNED = re.compile(r" *(?:\+?=|:)")
_CHAINED = re.compile(r"= *__all__ *[=:]")
_PART = rf"[^()\"'#]++|\#[^\n]*+|{ONE_LINE_STRING}"
_CALL = rf"\((?:{_PART}|\((?:{_PART}|\((?:{_PART})*+\))*+\))*+\)"
_FUNCTION = re.compile(rf" +({_NAME}) *\(")
_RAISED = re.compile(rf" *(?:(?:{_NAME}\.)*+({_NAME})(?:{_CALL})?+)?+ *(?=[\n;\#]|from\b)")
_CAUGHT = re.compile(rf" *\*? *(?:((?:{_NAME}\.)*{_NAME})|\(([\w., ]*+)\))?+ *(?:\bas +{_NAME} *)?:")
_IMPORTED = re.compile(r"[\w. ]*?\bimport\b *(\((?:[^)#]|#[^\n]*)*+\)|[^\n;#]*)")
_LATER = re.compile(rf"[:;][ {JOINED}]*raise\b")
_TOKEN = re.compile(rf"\#[^\n]*|{ONE_LINE_STRING}|[()\[\]{{}}\n;:]")
_HIDDEN = re.compile(rf"\#[^\n]*|{ONE_LINE_STRING}")
_COMMENT = re.compile(r"#[^\n]*")
_NO_TYPES = frozenset({"None", "True", "False"})
_SURE = ("def ", "class ", "@", "async def ", "return", "import ", "with ", "try:", "except", "raise")


class _UnsureError(Exception):
    """Something that these rules do not know."""


@dataclass(slots=True)
class _Skimming:
    """One pass over a flat text: what is open around the place, and what was found so far."""

    flat: str
    module: Module
    joined: bool
    around: list[tuple[int, int, str, bool]]  # indent, end, class around what is inside, inside a function
    at: int = 1
    line: int = 1

    def line_of(self, at: int) -> int:
        """The line of a place that is not before the last one asked for."""
        self.line += self.lines(self.at, at)
        self.at = at
        return self.line

    def lines(self, start: int, end: int) -> int:
        count = self.flat.count("\n", start, end)
        return count + self.flat.count(JOINED, start, end) if self.joined else count


def skim(source: bytes) -> Module | None:
    """The facts of a file, or None where only a parser can be sure."""
    flat = flatten(source)
    if flat is None or _is_foreign(flat) or ("__all__" in flat and _CHAINED.search(flat)):
        return None
    state = _Skimming(flat, Module(), JOINED in flat, [])
    try:
        return _found(state)
    except _UnsureError:
        return None


def _is_foreign(flat: str) -> bool:
    return any(sign in flat for sign in _FOREIGN_SIGNS) and _FOREIGN.search(flat) is not None


def _found(state: _Skimming) -> Module:
    beginnings = list(_BEGINNING.finditer(state.flat))
    later = _later_raises(state.flat, sum(match[5] == "raise" for match in beginnings))
    for match in beginnings:
        while later and later[0] < match.start():
            _raised(state, later.pop(0))
        match match.lastindex:
            case 2:
                _defined(state, match, match[2])
            case 3 | 4:
                _classed(state, match, match[3], _plain_bases(match[4]))
            case _:
                _told(state, match)
    for at in later:
        _raised(state, at)
    return state.module


def _told(state: _Skimming, match: re.Match[str]) -> None:
    start, end = match.span(5)
    match match[5]:
        case "from":
            _imported(state, end)
        case "raise":
            _raised(state, start)
        case "except":
            _caught(state, start)
        case "__all__":
            _exported(state, start, end)
        case "class":
            _classed(state, match, *_odd_class(state, start))
        case _:
            _async(state, match, end)


def _later_raises(flat: str, known: int) -> list[int]:
    """Where `raise` is not the first word of its line; looked for only if it is written more often."""
    found: list[int] = []
    for match in _LATER.finditer(flat) if flat.count("raise") > known else ():
        line = flat.rfind("\n", 0, match.start()) + 1
        if len(found) > TRIES_MAX or match.start() - line > STATEMENT_CHARACTERS_MAX:
            raise _UnsureError
        if not _is_hidden(flat, line, match.start()):
            found.append(match.end() - len("raise"))
    return found


def _is_hidden(flat: str, line: int, at: int) -> bool:
    """Whether a place is inside a comment or a string of its line."""
    for seen in _HIDDEN.finditer(flat, line):
        if seen.start() > at:
            return False
        if at < seen.end():
            return True
    return False


def _defined(state: _Skimming, match: re.Match[str], name: str) -> None:
    state.module.functions += 1
    owner, inside = _around(state, match)
    if not inside:
        _keep(state, match, "method" if owner else "function", name, ())
        state.around[-1] = (*state.around[-1][:2], owner, True)


def _async(state: _Skimming, match: re.Match[str], after: int) -> None:
    said = _FUNCTION.match(state.flat, after)
    if said is None or match[5] == "def":
        raise _UnsureError
    _defined(state, match, said[1])


def _classed(state: _Skimming, match: re.Match[str], name: str, bases: tuple[str, ...]) -> None:
    state.module.classes += 1
    if not _around(state, match)[1]:
        _keep(state, match, "class", name, bases)


def _around(state: _Skimming, match: re.Match[str]) -> tuple[str, bool]:
    """The class around a beginning, and whether it is inside a function."""
    around = state.around
    start, end = match.span(1)
    while around and (end - start <= around[-1][0] or start > around[-1][1]):
        around.pop()
    return around[-1][2:] if around else ("", False)


def _keep(
    state: _Skimming, match: re.Match[str], kind: ConceptKind, name: str, bases: tuple[str, ...]
) -> None:
    start, begins = match.span(1)
    indent = begins - start
    end = _end(state.flat, start, match.end(), indent)
    owner = state.around[-1][2] if state.around else ""
    name = _normal(name)
    line = state.line_of(begins)
    state.module.definitions.append(Definition(kind, name, line, state.lines(begins, end) + 1, bases, owner))
    state.around.append((indent, end, name, False))


def _plain_bases(text: str | None) -> tuple[str, ...]:
    if not text:
        return ()
    return tuple(_normal(base.rpartition(".")[2].strip()) for base in text.split(",") if base.strip())


def _odd_class(state: _Skimming, start: int) -> tuple[str, tuple[str, ...]]:
    (node,) = _parsed(_statement(state.flat, start, ":") + " pass")
    if not isinstance(node, ast.ClassDef):
        raise _UnsureError
    return node.name, tuple(name for base in node.bases for name, _ in types(base))


def _end(flat: str, start: int, after: int, indent: int) -> int:
    """Where the last statement ends that stands deeper than `indent`."""
    begins = after
    for tries, match in enumerate(_outdented(indent).finditer(flat, after)):
        if tries > TRIES_MAX:
            raise _UnsureError
        begins = match.start()
        # Only words that begin nothing but statements are sure not to go on with an expression.
        if flat.startswith(_SURE, match.end() - 1) or _balanced(flat[start:begins]):
            break
    else:
        begins = len(flat) - 1
    while True:
        line = flat.rfind("\n", 0, begins)
        text = flat[line + 1 : begins].lstrip(" ")
        if line < after or (text and text[0] != "#"):
            return begins
        begins = line


@cache
def _outdented(indent: int) -> re.Pattern[str]:
    return re.compile(rf"\n {{0,{indent}}}+[^\s#)\]}}{INSIDE}]")


def _balanced(text: str) -> bool:
    pairs = ("()", "[]", "{}")
    if all(text.count(opened) == text.count(closed) for opened, closed in pairs):
        return True
    text = _HIDDEN.sub("", text)
    return all(text.count(opened) == text.count(closed) for opened, closed in pairs)


def _raised(state: _Skimming, start: int) -> None:
    state.module.raises += 1
    said = _RAISED.match(state.flat, start + len("raise"))
    if said and said[1] is None:
        return
    line = state.line_of(start)
    if said:
        found = [said[1]] if said[1] not in _NO_TYPES else []
    else:
        (node,) = _parsed(_statement(state.flat, start, ""))
        if not isinstance(node, ast.Raise):
            raise _UnsureError
        found = [name for name, _ in types(node.exc)]
    state.module.raised += [(_normal(name), line) for name in found]


def _caught(state: _Skimming, start: int) -> None:
    state.module.excepts += 1
    line = state.line_of(start)
    said = _CAUGHT.match(state.flat, start + len("except"))
    if said:
        found = [(name, line) for name in _plain_bases(said[1] or said[2]) if name not in _NO_TYPES]
    else:
        header = _statement(state.flat, start, ":")
        (node,) = _parsed(f"try: pass\n{header} pass")
        if JOINED in header or INSIDE in header or not isinstance(node, ast.Try | ast.TryStar):
            raise _UnsureError
        found = [(name, line + at - 2) for name, at in types(node.handlers[0].type)]
    state.module.caught += [(_normal(name), at) for name, at in found]


def _imported(state: _Skimming, after: int) -> None:
    """Names that are imported at the beginning of a line; one after a colon weighs nothing."""
    said = _IMPORTED.match(state.flat, after)
    if said is None:
        return  # `yield from`, broken over lines
    names = said[1].strip("()")
    if "#" in names:
        names = _COMMENT.sub("", names)
    state.module.imported.update(
        _normal(words[0]) for name in names.replace(JOINED, " ").split(",") if (words := name.split())
    )


def _exported(state: _Skimming, start: int, after: int) -> None:
    within = any(start <= end for _, end, _, _ in state.around)
    if within or not _ASSIGNED.match(state.flat, after):
        return
    (node,) = _parsed(_statement(state.flat, start, ""))
    if isinstance(node, ast.Assign | ast.AugAssign | ast.AnnAssign):
        state.module.exported.update(all_names(node))


def _normal(name: str) -> str:
    return name if name.isascii() else normalize("NFKC", name)


def _statement(flat: str, start: int, stop: str) -> str:
    """The statement that begins there, up to its end or, of a compound one, its colon."""
    depth = 0
    for token in _TOKEN.finditer(flat, start):
        sign = token[0]
        if sign in "([{":
            depth += 1
        elif sign in ")]}":
            depth -= 1
        elif not depth and sign == stop == ":":
            return flat[start : token.end()]
        elif not depth and sign in {"\n", ";"} and not flat.startswith(INSIDE, token.end()):
            return flat[start : token.start()]
    raise _UnsureError


def _parsed(statement: str) -> list[ast.stmt]:
    text = statement.replace(f"\n{INSIDE}", " ").replace(JOINED, " ")
    if len(text) > STATEMENT_CHARACTERS_MAX:
        raise _UnsureError
    silence()
    try:
        return ast.parse(text, FILENAME).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _UnsureError from None

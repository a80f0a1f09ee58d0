"""What one Python file defines, raises and catches, from the beginnings of its lines.

A tenth of the work of a syntax tree, for the same facts: `class`, `def`, `raise` and `except` are
keywords, so wherever one begins a statement it is one. Expressions of any but the commonest shape
are given to `ast` alone, and a file that leaves a doubt is given to it whole (None).
"""

import ast
import re
from dataclasses import dataclass
from functools import cache
from operator import itemgetter
from unicodedata import normalize

from tools.repo.blocks import INSIDE, JOINED, ONE_LINE_STRING, flatten
from tools.repo.facts import Definition, Module, all_names, types
from tools.repo.profile import ConceptKind
from tools.repo.quiet import FILENAME, silence

STATEMENT_CHARACTERS_MAX = 10_000
TRIES_MAX = 100  # what is looked at more than once is looked at no more often than that

_NAME = r"[^\W\d]\w*+"
_BEGINNING = (
    rf"\n( *+)(?=[acdefpr_{{])(?:(?:def|async +def) +({_NAME}) *\("  # most lines begin with no such letter
    rf"|class +({_NAME}) *(?:\(((?:[\w.]++(?:, *)?+)*+)\) *)?:"
    r"|from +[\w.]++ +import +(\w++(?:, *\w++)*+)(?= *[\n#])"
    r"|((?:raise|except|from|class|__all__|def|async +def)(?!\w)|print +[\"'\w]|\{%))"
)
# By whether the whole text is ASCII: then what a letter is need not be looked up.
_BEGINNINGS = {True: re.compile(_BEGINNING, re.ASCII), False: re.compile(_BEGINNING)}
_FUNCTION, _CLASS, _BASES, _IMPORT, _WORD = 2, 3, 4, 5, 6  # groups of a beginning
_PLAIN_CLASS = frozenset({_CLASS, _BASES})
_ASSIGNED = re.compile(r" *(?:\+?=|:)")
_CHAINED = re.compile(r"= *__all__ *[=:]")
_PART = rf"[^()\"'#]++|\#[^\n]*+|{ONE_LINE_STRING}"
_LAST_NAME = re.compile(rf"\b({_NAME}) *(?:,|$)")
_CALL = rf"\((?:{_PART}|\((?:{_PART}|\((?:{_PART})*+\))*+\))*+\)"
_RAISED = re.compile(rf" *(?:(?:{_NAME}\.)*+({_NAME})(?:{_CALL})?+)?+ *(?=[\n;\#]|from\b)")
_CAUGHT = re.compile(rf" *\*? *(?:((?:{_NAME}\.)*{_NAME})|\(([\w., ]*+)\))?+ *(?:\bas +{_NAME} *)?:")
_IMPORTED = re.compile(r"[\w. ]*?\bimport\b *(\((?:[^)#]++|#[^\n]*+)*+\)|[^\n;#]*)")
_RAISE = re.compile(rf"raise(?<=[:; {JOINED}]raise)\b")
_LATER = {sign: re.compile(rf"{sign}(?=[ {JOINED}]*raise)") for sign in ":;"}  # quicker than a set of both
_TOKEN = re.compile(rf"\#[^\n]*|{ONE_LINE_STRING}|[()\[\]{{}}\n;:]")
_HIDDEN = re.compile(rf"\#[^\n]*|{ONE_LINE_STRING}")
_COMMENT = re.compile(r"#[^\n]*")
_NO_TYPES = frozenset({"None", "True", "False"})
# What begins nothing but a statement, so no expression in brackets goes on with it.
_SURE = (
    r"(?:def|class|return|raise|try|except|finally|elif|while|with|import|del|assert|global|nonlocal|pass)\b"
    r"|async +def\b|@[\w.]++(?:\([^\n()]*+\))?+\n *+(?:async +def|class|def)\b"
)


class _UnsureError(Exception):
    """Something that these rules do not know."""


UNASKED = -1
_Open = tuple[int, int, str, re.Match[str]]  # how deep, where it ends if asked, a class's name, how it begins


@dataclass(slots=True)
class _Skimming:
    """One pass over a flat text: what is open around the place, and what was found so far."""

    flat: str
    briefly: bool
    joined: bool
    module: Module
    around: list[_Open]  # what a line may stand in
    at: int = 1
    line: int = 1

    def line_of(self, at: int) -> int:
        """The line of a place that is not before the last one asked for."""
        self.line += self.flat.count("\n", self.at, at)
        if self.joined:
            self.line += self.flat.count(JOINED, self.at, at)
        self.at = at
        return self.line


def skim(source: bytes, *, briefly: bool = False) -> Module | None:
    """The facts of a file, or None where only a parser can be sure.

    Briefly, functions are counted but not kept, and nobody asks where a class ends or what is exported:
    half the work.
    """
    flat = flatten(source)
    if flat is None or (not briefly and "__all__" in flat and _CHAINED.search(flat)):
        return None
    try:
        # Given, because what `field` would make of `list[...]` takes half a millionth of a second each.
        module = Module(definitions=[], raised=[], caught=[], imported=set(), exported=set())
        return _found(_Skimming(flat, briefly, JOINED in flat, module, []))
    except _UnsureError:
        return None


def _found(state: _Skimming) -> Module:
    module = state.module
    for match in _BEGINNINGS[state.flat.isascii()].finditer(state.flat):
        last = match.lastindex
        if last == _FUNCTION:
            module.functions += 1
            if state.briefly:  # only a class inside would ask whether it is one, and where it ends
                start, begins = match.span(1)
                state.around.append((begins - start, UNASKED, "", match))
            else:
                _defined(state, match)
        elif last == _IMPORT:
            module.imported.update(_normal(match[_IMPORT]).replace(" ", "").split(","))
        elif last in _PLAIN_CLASS:
            _classed(state, match, match[_CLASS], _plain_names(match[_BASES]))
        else:
            _told(state, match)
    if any(sign in state.flat and later.search(state.flat) for sign, later in _LATER.items()):
        _raise_later(state)
    return module


def _told(state: _Skimming, match: re.Match[str]) -> None:
    start, end = match.span(_WORD)
    match match[_WORD]:
        case "from":
            _imported(state, end)
        case "raise":
            _raised(state, start)
        case "except":
            _caught(state, start)
        case "__all__":
            if not state.briefly:
                _exported(state, match, end)
        case "class":
            _classed(state, match, *_odd_class(state, start))
        case _:  # an odd function, an older Python, a template
            raise _UnsureError


def _raise_later(state: _Skimming) -> None:
    """Where `raise` is not the first word of its line."""
    flat, before = state.flat, len(state.module.raised)
    state.at = state.line = 1
    for tries, match in enumerate(_RAISE.finditer(flat)):
        line = flat.rfind("\n", 0, match.start()) + 1
        ahead = flat[max(line, match.start() - STATEMENT_CHARACTERS_MAX) : match.start()].rstrip(f" {JOINED}")
        if not ahead.endswith((":", ";")):
            continue
        if tries > TRIES_MAX or match.start() - line > STATEMENT_CHARACTERS_MAX:
            raise _UnsureError
        if not _is_hidden(flat, line, match.start()):
            _raised(state, match.start())
    if len(state.module.raised) > before:
        state.module.raised.sort(key=itemgetter(1))


def _is_hidden(flat: str, line: int, at: int) -> bool:
    """Whether a place is inside a comment or a string of its line."""
    for seen in _HIDDEN.finditer(flat, line):
        if seen.start() > at:
            return False
        if at < seen.end():
            return True
    return False


def _defined(state: _Skimming, match: re.Match[str]) -> None:
    owner, inside = _around(state, match)
    if not inside:
        _keep(state, match, "method" if owner else "function", match[_FUNCTION], owner=owner)


def _classed(state: _Skimming, match: re.Match[str], name: str, bases: tuple[str, ...]) -> None:
    state.module.classes += 1
    owner, inside = _around(state, match)
    if not inside:
        _keep(state, match, "class", name, owner=owner, bases=bases)


def _around(state: _Skimming, match: re.Match[str]) -> tuple[str, bool]:
    """The innermost class that a line stands in, or whether it stands in a function."""
    around = state.around
    start, begins = match.span(1)
    if start == begins:
        around.clear()
    while around:
        depth, end, name, outer = around[-1]
        if depth < begins - start:
            if end == UNASKED:
                end = outer.start(1) + len(_whole(state.flat, outer))
                around[-1] = depth, end, name, outer
            if start <= end:
                return name, not name
        around.pop()
    return "", False


def _keep(
    state: _Skimming,
    match: re.Match[str],
    kind: ConceptKind,
    name: str,
    *,
    owner: str,
    bases: tuple[str, ...] = (),
) -> None:
    start, begins = match.span(1)
    name, end, lines = _normal(name), UNASKED, 0
    if not state.briefly:
        text = _whole(state.flat, match)
        end, lines = start + len(text), text.count("\n") + 1
        if state.joined:
            lines += text.count(JOINED)
    state.around.append((begins - start, end, name if kind == "class" else "", match))
    state.module.definitions.append(Definition(kind, name, state.line_of(begins), lines, bases, owner))


def _plain_names(text: str | None) -> tuple[str, ...]:
    """The last names of dotted ones between commas."""
    if not text:
        return ()
    names = _LAST_NAME.findall(text)
    return tuple(names if text.isascii() else map(_normal, names))


def _odd_class(state: _Skimming, start: int) -> tuple[str, tuple[str, ...]]:
    (node,) = _parsed(_statement(state.flat, start, ":") + " pass")
    if not isinstance(node, ast.ClassDef):
        raise _UnsureError
    return node.name, tuple(name for base in node.bases for name, _ in types(base))


def _whole(flat: str, match: re.Match[str]) -> str:
    """The text of a definition, to the end of the last statement that stands deeper than it does."""
    start, begins = match.span(1)
    outdented, after = _outdented(begins - start), match.end()
    for _ in range(TRIES_MAX):
        found = outdented.search(flat, after)
        if found is None:
            return _without_comments_below(flat[start:])
        text = flat[start : found.start()]
        if found.lastindex or _balanced(text):
            return _without_comments_below(text)
        after = found.end()
    raise _UnsureError


@cache
def _outdented(indent: int) -> re.Pattern[str]:
    return re.compile(rf"\n {{0,{indent}}}+(?=[^ \n#)\]}}{INSIDE}])({_SURE})?+")


def _without_comments_below(text: str) -> str:
    text = text.rstrip(" \n")
    if "#" not in text:
        return text
    for _ in range(TRIES_MAX):
        line = text.rfind("\n") + 1
        if not line or not text[line:].lstrip(" ").startswith("#"):
            return text
        text = text[:line].rstrip(" \n")
    raise _UnsureError


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
        found = [(name, line) for name in _plain_names(said[1] or said[2]) if name not in _NO_TYPES]
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


def _exported(state: _Skimming, match: re.Match[str], after: int) -> None:
    if not _ASSIGNED.match(state.flat, after) or any(_around(state, match)):
        return
    start = match.end(1)
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

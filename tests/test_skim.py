"""Skimming a Python file tells exactly what its syntax tree tells, or leaves it to the tree."""

import sysconfig
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.repo.facts import Module, UnreadableSourceError
from tools.repo.python import parse_python
from tools.repo.skim import skim

STDLIB = Path(sysconfig.get_path("stdlib"))
PACKAGES = Path(sysconfig.get_path("purelib"))
EVERY = 12
UNSURE_SHARE_MAX = 0.1


def facts(module: Module) -> dict[str, object]:
    """All of it; the tree is walked in another order."""
    return {
        name: sorted(fact) if name in {"raised", "caught", "imported", "exported"} else fact
        for name in Module.__slots__  # pyright: ignore[reportAttributeAccessIssue] -- a dataclass with slots has them
        for fact in [getattr(module, name)]
    }


def parsed(source: bytes) -> Module | None:
    try:
        return parse_python(source)
    except UnreadableSourceError:
        return None


def test_real_files_are_skimmed_as_they_parse() -> None:
    paths = [
        *sorted(path for path in STDLIB.rglob("*.py") if "site-packages" not in path.parts)[::EVERY],
        *sorted(PACKAGES.rglob("*.py"))[:: EVERY * 8],
    ]
    unsure = 0
    for path in paths:
        source = path.read_bytes()
        tree = parsed(source)
        skimmed = skim(source)
        unsure += skimmed is None
        if tree is not None and skimmed is not None:
            assert facts(skimmed) == facts(tree), path

    assert len(paths) > 100
    assert unsure < UNSURE_SHARE_MAX * len(paths)


SHAPES = [
    'def a(): """doc\ndef no(): raise No\n"""\nclass B(C, d.E, metaclass=F): x = 1\n',
    "class A(B[C], *d, e=f):\n  class G(H()): pass\n  def i(self):\n    class J: pass\n    def k(): pass\nx = 1\n",
    "if a: raise B\nelse: raise c.D(1); raise E from e\nx = 'if a: raise No' # ; raise No\n",
    "raise (A)\nraise a().B\nraise A()()\nraise A[B]\nraise A if b else C\nraise None\nraise A(')', [(1)]) from None\n",
    "raise A(\n  '''x\n  y''', # raise (No\n  (1, 2)\n).with_traceback(b)\nraise\n",
    "try: pass\nexcept: pass\ntry: pass\nexcept (A, b.C) as d: raise\ntry: pass\nexcept* (\n A,\n b.C # )\n): pass\n",
    "try: pass\nexcept A or B: pass\nexcept a().B: pass\nexcept (A): pass\nexcept(C): pass\nexcept (): pass\n",
    "try: pass\nexcept (A, 42): pass\nexcept (b.C,D , e . F,): pass\n",
    "x = 'a \\\nclass No: \\\n'\nclass Yes: pass\ny = \\\n  1 # no \\\nclass Also: pass\n",
    "from a import (b, # )\n c as d,)\nfrom . import *\nfrom .. e import f; g = 1\n",
    "__all__ = ['a',\n 'b']\n__all__ += ('c',)\n__all__: list = ['d']\ndef e(): __all__ = ['f']\n",
    "async def a(): pass\nclass A:\n  async  def b(self):\n    async with c: pass\n  async def d(self): pass\n",
    "def a(\n  b=')', c=[\n1,\n2], # )\n):\n    x = (\nfoo)\n    return x\n# end\n\ny = 1\n",
    "class A:\n    x = [\nfoo,\n1]\n    def b(self): pass\n\n    # comment\n  # comment\n\nif c:\n  def d(): pass\n",
    "def \u00b5(): raise \u212b\nclass \ufb01x(\u017f): pass\n",
    "a = '\\''; b = \"'''\"; c = '\"\"\"' # '''\ndef d(): pass\ne = ''''f''' + '' + \"\"\nclass G: pass\n",
    "def a():\n\tclass B: pass\n\tdef c(): pass\ndef d(): pass\n",
    "class A: pass\r\nclass B:\r\n  pass\r\n",
    "\x0cclass A:\n  pass\n\x0c\ndef b(): pass\n",
    "\ufeffclass A: pass\n",
    "# -*- coding: latin-1 -*-\nclass A: pass\n",
    "@a\n@b(\n'class No: pass'\n)\nclass C:\n  @d\n  def e(self): pass\n  f: int = 1\n",
    "match a:\n  case b: raise C\n  case d if e:\n    def f(): pass\nfor raise_ in g: h.raise_()\n",
    "x = f'''{\n a}\nclass No: pass\n''' ; raise A\nclass B: pass\nx = rb'\\' ; y = r'\\\\'\nclass C: pass\n",
    "print 'old'\nclass A: pass\n",
    "def a(): return\n\n\n'''a string\nof its own'''\nclass B: 'doc'\n",
    "def a():\n    x = [\nreturned,\n1]\n    return x\n\ndef b():\n    x = (c\n@ d)\n    return x\ne = 1\n",
    'x = \'a \\\n""" b\'\nclass A: pass\ny = \'c \\\n""" d\'\nclass B: pass\n',
    'x = """a""" + "b" + """c\nclass No: pass\n"""; y = "d" + """e"""\nclass B: pass\n',
    "class A: pass",
    "",
]


@pytest.mark.parametrize("source", SHAPES)
def test_odd_shapes_are_skimmed_as_they_parse_or_left_to_the_tree(source: str) -> None:
    tree, skimmed = parsed(source.encode()), skim(source.encode())

    assert tree is None or skimmed is None or facts(skimmed) == facts(tree)


@pytest.mark.parametrize("source", SHAPES)
def test_what_is_skimmed_briefly_leaves_out_functions_lengths_and_exports_alone(source: str) -> None:
    whole, brief = skim(source.encode()), skim(source.encode(), briefly=True)

    assert brief is None or whole is not None
    if whole is not None and brief is not None:
        classes = [one._replace(lines=0) for one in whole.definitions if one.kind == "class"]
        assert facts(brief) == facts(whole) | {"definitions": classes, "exported": []}


@given(
    st.lists(
        st.sampled_from([line for shape in SHAPES for line in shape.splitlines()] + ["'''", '"""']),
        max_size=12,
    )
)
def test_lines_in_any_order_are_skimmed_as_they_parse(lines: list[str]) -> None:
    source = "\n".join(lines).encode()
    tree, skimmed = parsed(source), skim(source)

    assert tree is None or skimmed is None or facts(skimmed) == facts(tree)


SLOW = {
    "an open bracket": "def f(\n" + "a\n" * 150_000,
    "quotes in strings": "x = " + "\"'''\" " * 50_000,
    "raises in a line": "x = " + '"" : raise ' * 30_000,
    "dots": "from " + "." * 300_000,
    "a joined line": "a" * 300_000 + "\nb = \\\n1\n",
    "joined lines": "a = \\\n1\n" * 30_000,
    "raises with a doubt": "raise a if (\n" * 20_000,
    "open strings": "'\n" * 100_000,
    "comments": "class A:\n" + "# '''\n" * 40_000,
    "colons": ":" * 300_000 + " " * 100_000 + "raise",
}


@pytest.mark.parametrize("shape", SLOW)
def test_a_source_made_to_be_slow_is_skimmed_or_left_in_time(shape: str) -> None:
    began = time.process_time()
    skim(SLOW[shape].encode())

    assert time.process_time() - began < 1.5

"""Other languages are read by their grammars: what is defined, raised and caught, by line."""

import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from tools.repo import Limits, RepoProfile, scan
from tools.repo.grammars import grammar, read_with

pytest.importorskip("tree_sitter", reason="the grammars of other languages are not installed")

SOURCES = {
    "javascript": """\
class Till extends shop.Drawer {
  sell(tea) {
    try { return this.stock[tea]; } catch (error) {
      if (error instanceof EmptyError) throw new TeaError(tea);
    }
  }
}
export function open() { function inner() {} }
const close = () => { throw new shop.ClosedError(); };
""",
    "typescript": """\
abstract class Till<T> extends Drawer<T> implements Sells {
  sell(tea: T): void { throw new TeaError(tea); }
}
interface Sells { sell(): void }
enum Cup { Small }
export function open(): void { try {} catch {} }
""",
    "go": """\
package shop

type Till struct{}
type Sells interface{}

func (t *Till) Sell(tea string) error {
	if errors.Is(err, shop.ErrEmpty) { panic("no") }
	return nil
}
func open() { recover() }
""",
    "rust": """\
struct Till;
enum TeaError { Empty }
impl Till {
    fn sell(&self) -> Result<(), TeaError> { Err(TeaError::Empty) }
}
fn open() { match x { Err(TeaError::Empty) => panic!("no"), _ => {} } }
""",
    "java": """\
class Till extends Drawer implements Sells {
  void sell() throws TeaError {
    try { throw new shop.TeaError("x"); } catch (EmptyError | java.io.IOException e) {}
  }
}
interface Sells {}
""",
    "c#": """\
namespace Shop {
  class Till : Drawer {
    void Sell() {
      try { throw new TeaError("x"); } catch (Shop.EmptyError e) { throw; }
    }
  }
  record Cup(int size);
}
""",
}


def told(language: str) -> list[str]:
    known = grammar(language)
    assert known is not None
    module = read_with(known, SOURCES[language].encode())
    return [
        *(
            f"{one.line} {one.kind} {one.owner}.{one.name} {','.join(one.bases)}"
            for one in module.definitions
        ),
        *(f"{line} raises {name}" for name, line in module.raised),
        *(f"{line} catches {name}" for name, line in module.caught),
        f"{module.classes} {module.functions} {module.raises} {module.excepts}",
    ]


def test_each_language_is_read_by_its_grammar() -> None:
    assert {language: told(language) for language in SOURCES} == snapshot(
        {
            "javascript": [
                "1 class .Till Drawer",
                "2 method Till.sell ",
                "8 function .open ",
                "9 function .close ",
                "4 raises TeaError",
                "9 raises ClosedError",
                "4 catches EmptyError",
                "1 4 2 1",
            ],
            "typescript": [
                "1 class .Till Drawer",
                "2 method Till.sell ",
                "4 class .Sells ",
                "4 method Sells.sell ",
                "5 class .Cup ",
                "6 function .open ",
                "2 raises TeaError",
                "3 3 1 1",
            ],
            "go": [
                "3 class .Till ",
                "4 class .Sells ",
                "6 method Till.Sell ",
                "10 function .open ",
                "7 catches ErrEmpty",
                "2 2 1 1",
            ],
            "rust": [
                "1 class .Till ",
                "2 class .TeaError ",
                "4 method Till.sell ",
                "6 function .open ",
                "4 raises Empty",
                "6 catches Empty",
                "2 2 2 1",
            ],
            "java": [
                "1 class .Till Drawer,Sells",
                "2 method Till.sell ",
                "6 class .Sells ",
                "3 raises TeaError",
                "3 catches EmptyError",
                "3 catches IOException",
                "2 1 1 1",
            ],
            "c#": [
                "2 class .Till Drawer",
                "3 method Till.Sell ",
                "7 class .Cup ",
                "4 raises TeaError",
                "4 catches EmptyError",
                "2 1 2 1",
            ],
        }
    )


@pytest.mark.parametrize("language", SOURCES)
def test_every_name_is_written_on_its_line(language: str) -> None:
    lines = SOURCES[language].splitlines()
    facts = [fact.split() for fact in told(language)[:-1]]

    for line, *_, name in ((fact[0], fact[2].rpartition(".")[2]) for fact in facts):
        assert name in lines[int(line) - 1]


def plant(root: Path, files: Mapping[str, str]) -> RepoProfile:
    for name, text in files.items():
        (root / name).write_text(text)
    return scan(root)


def test_a_repository_in_another_language_has_concepts_and_errors(tmp_path: Path) -> None:
    profile = plant(tmp_path, {"till.go": SOURCES["go"], "go.mod": "module a.example/shop\n"})

    assert {(one.kind, one.name, one.path, one.line) for one in profile.concepts} == {
        ("class", "Till", "till.go", 3),
        ("class", "Sells", "till.go", 4),
        ("method", "Sell", "till.go", 6),
        ("function", "open", "till.go", 10),
    }
    assert [(error.name, error.caught) for error in profile.errors] == [("ErrEmpty", 1)]
    assert (profile.counts.files, profile.languages, profile.partial) == (1, {"go": 1}, None)


def test_a_language_that_hardly_occurs_is_counted_only(tmp_path: Path) -> None:
    files = {f"{n}.py": f"class Tea{n}: ...\n" for n in range(20)}
    profile = plant(tmp_path, files | {"menu.js": SOURCES["javascript"]})

    assert profile.languages == {"python": 20, "javascript": 1}
    assert "Till" not in [one.name for one in profile.concepts]


def test_sources_made_to_be_slow_are_given_up_in_time(tmp_path: Path) -> None:
    shapes = ("(", "[]", "a.b(", "`${", "<", "if(a)", "/*", "x=>", "class A{", "'", "-", "a+", "a,")
    for n, (shape, extension) in enumerate(
        zip(shapes, ["js", "go", "rs", "ts", "rs", "java", "cs"] * 2, strict=False)
    ):
        text = shape * (20_000 // len(shape))
        (tmp_path / f"slow{n}.{extension}").write_text(text)
        (tmp_path / f"long{n}.{extension}").write_text(text * 20)
    began = time.process_time()
    profile = scan(tmp_path, limits=Limits(seconds=60))  # of the clock; what it takes of the processor counts

    assert profile.counts.files == 2 * len(shapes)
    assert profile.partial is not None
    assert time.process_time() - began < 10

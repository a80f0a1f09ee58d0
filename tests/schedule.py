"""Which tests one worker of pytest gets together: what a module starts for all its tests is started once.

pytest-xdist's own groups are marks that it writes into a test's id, which pytest 9.2 does not read.
"""

from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

SHARING = '\n@pytest.fixture(scope="module"'


class ByWhatIsShared(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return scope_of(self.config.rootpath, nodeid)


def scope_of(root: Path, nodeid: str) -> str:
    """The whole module where it shares something; else the test alone, which goes wherever there is room."""
    path = nodeid.partition("::")[0]
    return path if shares(root / path) else nodeid


@cache
def shares(module: Path) -> bool:
    return SHARING in module.read_text("utf-8")

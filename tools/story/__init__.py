"""The story department: from a brief or a repository to a shot list, and edits to it, without a model."""

from tools.story.edit import change, insert, move, remove, resize, restyle, retime, swap
from tools.story.library import Library, Metaphor, extend, library, read_metaphors
from tools.story.planner import OFFERED, plan
from tools.story.wishes import Wishes, wishes_from

__all__ = [
    "OFFERED",
    "Library",
    "Metaphor",
    "Wishes",
    "change",
    "extend",
    "insert",
    "library",
    "move",
    "plan",
    "read_metaphors",
    "remove",
    "resize",
    "restyle",
    "retime",
    "swap",
    "wishes_from",
]

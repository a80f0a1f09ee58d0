"""The story department: from a brief or a repository to a shot list, and edits to it, without a model."""

from tools.story.alter import add, avoid, copy, replace_thing, when
from tools.story.cast import describe
from tools.story.checks import check
from tools.story.choices import Choice, Shelf, choices
from tools.story.cut import differences, keep_locked, lock, merge, rescale, split
from tools.story.drafts import Draft
from tools.story.edit import change, insert, move, remove, resize, restyle, retime, swap
from tools.story.letters import captioned, carded, entitle
from tools.story.library import Library, Metaphor, extend, library, read_metaphors
from tools.story.order import OFFERED, Order, order
from tools.story.own import is_metaphor
from tools.story.pictures import attach, detach, keep_pictures
from tools.story.planner import by_rules, plan, shoot
from tools.story.refine import redrawn, refine
from tools.story.scenes import scenes_of
from tools.story.sheets import is_sheet, sheet_from
from tools.story.thrift import TOKENS, Level, Spent, read_level, spent, thrifty
from tools.story.wishes import Wishes, wishes_from

__all__ = [
    "OFFERED",
    "TOKENS",
    "Choice",
    "Draft",
    "Level",
    "Library",
    "Metaphor",
    "Order",
    "Shelf",
    "Spent",
    "Wishes",
    "add",
    "attach",
    "avoid",
    "by_rules",
    "captioned",
    "carded",
    "change",
    "check",
    "choices",
    "copy",
    "describe",
    "detach",
    "differences",
    "entitle",
    "extend",
    "insert",
    "is_metaphor",
    "is_sheet",
    "keep_locked",
    "keep_pictures",
    "library",
    "lock",
    "merge",
    "move",
    "order",
    "plan",
    "read_level",
    "read_metaphors",
    "redrawn",
    "refine",
    "remove",
    "replace_thing",
    "rescale",
    "resize",
    "restyle",
    "retime",
    "scenes_of",
    "sheet_from",
    "shoot",
    "spent",
    "split",
    "swap",
    "thrifty",
    "when",
    "wishes_from",
]

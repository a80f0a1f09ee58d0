"""Words on OpenAI's wire, joined before they are read: reading an event costs more than all that follows.

Events that say more words of one answer, and differ in nothing else that counts, become one event. All
others pass as they came, to the byte, and so does what is no whole event yet when the stream ends.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

END = re.compile(rb"\r?\n\r?\n")
FIELDS = ("content", "reasoning_content", "reasoning")
OTHERWISE = ("created", "obfuscation")  # may differ: nobody reads them but in the first event
REST_BYTES_MAX = 64 * 1024  # of an event that does not end: kept whole, it would be copied with every piece
TAG = re.compile("[<>]")  # `<think>` counts where an event says that alone


@dataclass
class Word:
    """An event that says more words: which field of the answer they are for, and all that is around them."""

    around: dict[str, Any]
    name: str
    text: str

    def goes_on_with(self, other: "Word") -> bool:
        return (self.name, self.around) == (other.name, other.around)


@dataclass
class Run:
    """Neighbours that will be one event: the first as it came, what it says, and what the others say."""

    raw: bytes
    word: Word
    more: list[str] = field(default_factory=list[str])

    def takes(self, word: Word | None) -> bool:
        """Does this one go on with it? Then it is in."""
        if word is None or not self.word.goes_on_with(word):
            return False
        self.more.append(word.text)
        return True

    def event(self) -> bytes:
        if not self.more:
            return self.raw
        said = json.loads(self.raw[len(b"data:") :])
        said["choices"][0]["delta"][self.word.name] = "".join([self.word.text, *self.more])
        return f"data: {json.dumps(said)}\n\n".encode()


@dataclass
class Lines:
    """What has come of a stream so far, as far as it is not passed on. `spoke`: the last piece had words."""

    rest: bytes = b""
    spoke: bool = False

    def pass_on(self, came: bytes) -> bytes:
        """All events that are whole now, neighbours joined."""
        self.spoke = False
        return b"".join(self._joined(came))

    def take_rest(self) -> bytes:
        """What is no whole event yet; for the end of a stream."""
        taken, self.rest = self.rest, b""
        return taken

    def _joined(self, came: bytes) -> Iterator[bytes]:
        run: Run | None = None
        for raw in self._events(came):
            word = word_in(raw)
            self.spoke = self.spoke or word is not None
            if run is not None and run.takes(word):
                continue
            if run is not None:
                yield run.event()
            run = Run(raw, word) if word is not None and not word.text.isspace() else None
            if run is None:
                yield raw
        if run is not None:
            yield run.event()

    def _events(self, came: bytes) -> Iterator[bytes]:
        known, begin = self.rest + came, 0
        for end in END.finditer(known):
            yield known[begin : end.end()]
            begin = end.end()
        self.rest = known[begin:]
        if len(self.rest) > REST_BYTES_MAX:
            yield self.rest
            self.rest = b""


def word_in(raw: bytes) -> Word | None:
    """What an event says, if it says words and nothing more."""
    if not raw.startswith(b"data:") or b"\n" in raw.rstrip():
        return None
    try:
        said = json.loads(raw[len(b"data:") :])
    except ValueError:
        return None
    match said:
        case {"choices": [{"delta": delta, **choice}], **head} if isinstance(delta, dict):
            known = cast("tuple[dict[str, Any], dict[str, Any], dict[str, Any]]", (head, choice, delta))
            return _word(*known)
        case _:
            return None


def _word(head: dict[str, Any], choice: dict[str, Any], delta: dict[str, Any]) -> Word | None:
    """None where anything adds up that joining would count once: a usage, a call, odds, an end."""
    index, role = choice.pop("index", 0), delta.pop("role", None)
    names = [name for name, value in delta.items() if value]
    plain = not any(choice.values()) and not any(isinstance(each, dict | list) for each in head.values())
    if not plain or len(names) != 1 or names[0] not in FIELDS:
        return None
    text = delta[names[0]]
    if not isinstance(text, str) or TAG.search(text):
        return None
    around = {name: value for name, value in head.items() if name not in OTHERWISE}
    return Word(around | {"index": index, "role": role}, names[0], text)

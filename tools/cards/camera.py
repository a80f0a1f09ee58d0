"""The camera: how a shot's picture is travelled over, frame by frame."""

# Pillow's annotations name numpy, which is not here, so pyright sees holes in them.
# pyright: reportUnknownMemberType=false

import math
from dataclasses import dataclass

from PIL import Image

from tools.cards.picture import Picture

Size = tuple[int, int]
PHASES = 4  # a slow travel is smooth only in parts of a pixel

MOVES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("pull", ("pull", "out", "reveal", "backward")),
    ("push", ("push", "zoom", "dolly", "in", "closer", "creep")),
    ("glide", ("glid", "track", "travel", "truck", "slid", "follow", "lateral", "sideway", "steadicam")),
    ("tilt", ("tilt", "crane", "rise", "pedestal", "descend")),
    ("pan", ("pan", "sweep", "turn", "arc", "orbit")),
)


@dataclass(frozen=True, slots=True)
class Move:
    """`across` and `down`: how much wider and higher than the frame the paper is; `zoom`: by how much it grows.

    `parallax`: how much faster what is near passes by than what is far. A camera that turns on
    its foot has none, one that travels has.
    """

    across: float = 0.0
    down: float = 0.0
    zoom: float = 0.0
    backwards: bool = False
    parallax: float = 1.0


BY_NAME = {
    "push": Move(zoom=0.16, parallax=1.7),
    "pull": Move(zoom=0.16, backwards=True, parallax=1.7),
    "glide": Move(across=0.16, parallax=2.3),
    "pan": Move(across=0.2),
    "tilt": Move(down=0.16, backwards=True),
    "static": Move(),
}


def move_for(camera: str) -> Move:
    words = camera.lower().replace("-", " ").replace("_", " ").split()
    for name, stems in MOVES:
        if any(_says(word, stem) for word in words for stem in stems):
            return BY_NAME[name]
    return BY_NAME["static"]


def _says(word: str, stem: str) -> bool:
    return word == stem or (len(stem) > 3 and word.startswith(stem))


def paper_for(frame: Size, move: Move) -> Size:
    """How large the picture must be drawn for this move; a little over, for a film that weaves."""
    slack = 2 * (max(frame) // 200 + 1)
    width = math.ceil(frame[0] * (1 + move.across)) + slack
    height = math.ceil(frame[1] * (1 + move.down)) + slack
    return width, height


@dataclass(frozen=True, slots=True)
class Camera:
    """A picture in front of a camera. `phases` are the picture moved by parts of a pixel."""

    frame: Size
    move: Move
    picture: Picture
    phases: tuple[Image.Image, ...]

    def see(self, share: float, weave: tuple[int, int]) -> Image.Image:
        """The frame at this share of the shot, 0 to 1, the film standing a few pixels off."""
        eased = (1 - math.cos(math.pi * share)) / 2 * 0.6 + share * 0.4
        at = 1 - eased if self.move.backwards else eased
        if self.move.zoom:
            return self._zoomed(at, weave)
        return self._travelled(at, weave)

    def _zoomed(self, at: float, weave: tuple[int, int]) -> Image.Image:
        seen = self.picture.back.resize(
            self.frame, Image.Resampling.BILINEAR, box=self._window(at, 1.0, weave)
        )
        near = self._window(at, self.move.parallax, weave)
        mask = self.picture.front.resize(self.frame, Image.Resampling.BILINEAR, box=near)
        seen.paste(self.picture.near, (0, 0, *self.frame), mask)
        return seen

    def _window(
        self, at: float, parallax: float, weave: tuple[int, int]
    ) -> tuple[float, float, float, float]:
        grown = 1 + self.move.zoom * at * parallax
        width, height = self.frame[0] / grown, self.frame[1] / grown
        paper = self.picture.back.size
        left = (paper[0] - width) / 2 + weave[0]
        top = (paper[1] - height) * (0.5 + 0.06 * at) + weave[1]
        return left, top, min(left + width, paper[0]), min(top + height, paper[1])

    def _travelled(self, at: float, weave: tuple[int, int]) -> Image.Image:
        paper = self.picture.back.size
        travel = self.frame[0] * self.move.across
        x = (paper[0] - travel - self.frame[0]) / 2 + travel * at + weave[0]
        climb = self.frame[1] * self.move.down
        y = round((paper[1] - climb - self.frame[1]) / 2 + climb * at) + weave[1]
        whole, part = divmod(round(x * PHASES), PHASES)
        seen = self.phases[part % len(self.phases)].crop((whole, y, whole + self.frame[0], y + self.frame[1]))
        near = round(x + travel * (at - 0.5) * (self.move.parallax - 1))
        mask = self.picture.front.crop((near, y, near + self.frame[0], y + self.frame[1]))
        seen.paste(self.picture.near, (0, 0, *self.frame), mask)
        return seen


def camera_before(picture: Picture, frame: Size, move: Move) -> Camera:
    width, height = picture.back.size
    count = PHASES if move.across else 1
    phases = [
        picture.back.resize(
            (width - 1, height),
            Image.Resampling.BILINEAR,
            box=(part / count, 0, width - 1 + part / count, height),
        )
        for part in range(count)
    ]
    return Camera(frame, move, picture, tuple(phases))

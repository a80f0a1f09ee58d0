"""The folder of reference pictures: `uploads/<sha256>.<ext>`."""

import hashlib
import secrets
from dataclasses import dataclass
from pathlib import Path

from tools.pictures.clean import Clean

ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


@dataclass(frozen=True, slots=True)
class Album:
    folder: Path

    def path(self, sha256: str, media_type: str) -> Path:
        return self.folder / f"{sha256}.{ENDINGS[media_type]}"

    def draft(self) -> Path:
        """A place to write a file before it has its name."""
        drafts = self.folder / "drafts"
        drafts.mkdir(parents=True, exist_ok=True)
        return drafts / secrets.token_hex(8)

    def put(self, picture: Clean) -> None:
        """Written beside its place and moved into it. One that is there is replaced: its disk may have failed it."""
        draft = self.draft()
        draft.write_bytes(picture.content)
        draft.replace(self.path(picture.sha256, picture.media_type))

    def read(self, sha256: str) -> tuple[str, bytes] | None:
        """Its type and its bytes; None where they are gone, or no longer those of its name."""
        for media_type in ENDINGS:
            path = self.path(sha256, media_type)
            if path.is_file():
                content = path.read_bytes()
                return (media_type, content) if hashlib.sha256(content).hexdigest() == sha256 else None
        return None

"""Reference pictures: checked, stripped of all that is no picture, and named by what is in them.

A plan names a picture by the sha256 of the bytes that were kept, `sha256:...`. So an offer that names
it is bound to these bytes, and a vendor gets these bytes or nothing.
"""

from tools.pictures.album import Album
from tools.pictures.clean import BYTES_MAX, Clean, clean
from tools.pictures.fetch import fetch
from tools.pictures.index import Upload, get, gone, shown, take_in, url_of
from tools.pictures.load import load

__all__ = [
    "BYTES_MAX",
    "Album",
    "Clean",
    "Upload",
    "clean",
    "fetch",
    "get",
    "gone",
    "load",
    "shown",
    "take_in",
    "url_of",
]

"""Animatics: each shot drawn, moved, lettered and scored here, for nothing."""

from tools.cards.card import Card, frame_size
from tools.cards.show import render

__all__ = ["Card", "frame_size", "render"]

"""The environment, and where the project lies."""

from __future__ import annotations

from pathlib import Path

from environs import Env

env = Env()
BASE_DIR = Path(__file__).resolve().parent.parent.parent

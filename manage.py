#!/usr/bin/env python
"""Django's command line for this project."""

import os
import signal
import sys
from types import FrameType


def leave(signum: int, frame: FrameType | None) -> None:
    """End by SystemExit, so that a command that is told to stop still lets go of its database at exit."""
    sys.exit(128 + signum)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    signal.signal(signal.SIGTERM, leave)

    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line
    from environs import EnvError

    from config import direct

    direct.want()
    try:
        execute_from_command_line(sys.argv)
    except (EnvError, ImproperlyConfigured) as fault:
        # Of what the environment says: whoever sets it needs the sentence, and no traceback.
        sys.stderr.write(f"{fault}\n")
        sys.exit(os.EX_CONFIG)


if __name__ == "__main__":
    main()

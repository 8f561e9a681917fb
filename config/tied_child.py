"""Run a program that ends when its parent ends: `python -m config.tied_child PROGRAM ARGUMENT…`.

A quickstart killed by -9 can stop nobody; without this its servers would go on and hold the port.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(command: list[str]) -> None:
    """Ask the kernel, where it is Linux, for a SIGTERM at the parent's death, and become the program."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
        # The parent may have died before the request; then nobody will send the signal.
        if os.environ.get("TIED_TO") != str(os.getppid()):
            sys.exit(1)
    os.execv(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Whether the server in this container lives: asks /livez, as a name that ALLOWED_HOSTS has. Ends with 1 if not."""

import http.client
import os
import sys

PORT = int(os.environ.get("PORT", "8000"))


def main() -> int:
    """0 where it answers 200."""
    name = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=4)
    try:
        connection.request("GET", "/livez", headers={"Host": "localhost" if name == "*" else name})
        return 0 if connection.getresponse().status == 200 else 1
    except (OSError, http.client.HTTPException):
        return 1


if __name__ == "__main__":
    sys.exit(main())

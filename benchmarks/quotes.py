"""`python -m benchmarks.quotes`: make the form whose formula the line `evaluate` asks for, in the product's database of
DATABASE_URL. The kept data have none, so this is for copies; writes the form's id to standard output.
"""

from __future__ import annotations

import sys

import django

if __name__ == "__main__":
    django.setup()

from benchmarks import calls, product


def main() -> None:
    form = product.make_form(calls.QUOTE, calls.QUOTES)
    sys.stdout.write(f"{form.pk}\n")


if __name__ == "__main__":
    main()

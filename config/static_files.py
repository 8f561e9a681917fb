"""Static files as production serves them: with their content's hash in their names, and compressed."""

from __future__ import annotations

from typing import Any

from whitenoise.storage import CompressedManifestStaticFilesStorage


def _without_source_maps(patterns: Any) -> tuple[Any, ...]:
    """Source maps are for who develops a package: some come without theirs, and nothing asks for them here."""
    return tuple((kind, tuple(one for one in each if "sourceMappingURL" not in str(one))) for kind, each in patterns)


class HashedFiles(CompressedManifestStaticFilesStorage):
    """`collectstatic` makes them in STATIC_ROOT. A browser keeps each for ever; changed, it has another name."""

    # A module is imported by its hashed name too: a page never meets modules of two releases.
    support_js_module_import_aggregation = True
    patterns = _without_source_maps(CompressedManifestStaticFilesStorage.patterns)
    # One for each step of the longest chain of modules that import one another, and two.
    max_post_process_passes = 12

"""Words for people: marked here for translation, translated where they are shown. This package knows no Django."""


def _(template: str) -> str:
    """Marks a text for the catalogues (xgettext knows it by this name) and gives it back as it is."""
    return template


PHRASES = (
    _("number"),
    _("text"),
    _("boolean"),
    _("date"),
    _("datetime"),
    _("any"),
    _("list"),
    _("empty"),
    _("value"),
    _("date or datetime"),
    _("list of number"),
    _("list of text"),
    _("list of boolean"),
    _("list of date"),
    _("list of datetime"),
    _("list of any"),
    _("list of value"),
    _("number or list"),
    _("boolean or list"),
    _("date or datetime or list"),
    _("date or datetime or number or list"),
    _("value or list"),
    _("1 or more"),
    _("2 or more"),
    _("3 or more"),
    _("2 or more in steps of 2"),
)
"""What `expected`, `got`, `left` and `right` of a fault may say besides numbers."""

"""The words of the designer's scripts. They stand here, so that gettext finds them like all others."""

from __future__ import annotations

from django.utils.translation import gettext as _


def texts() -> dict[str, str]:
    """Key → text in the reader's language, with {places} that the scripts fill."""
    return {**_structure(), **_settings(), **_choices(), **_formula(), **_tabs()}


def _structure() -> dict[str, str]:
    return {
        "add_field": _("Add field"),
        "add_group": _("Add group"),
        "new_group": _("New group"),
        "group": _("Group"),
        "group_title": _("Group title"),
        "field": _("Field"),
        "form": _("Form"),
        "up": _("Move up"),
        "down": _("Move down"),
        "remove": _("Delete"),
        "copy": _("Copy"),
        "drag": _("Drag to move"),
        "empty_group": _("Drag a field type here, or click one on the left."),
        "nothing_selected": _("Choose a field to see its settings."),
        "undo": _("Undo"),
        "redo": _("Redo"),
        "close": _("Close"),
        "save": _("Save"),
        "saved": _("Saved"),
        "saving": _("Saving …"),
        "unsaved": _("Unsaved changes"),
        "refused": _("Not saved. To correct: {count}"),
        "conflict_hint": _("Nothing of yours is lost on this page. Open the form in another tab to compare."),
        "failed": _("Not saved: the server could not be reached. Try again."),
        "signed_out": _("Not saved: you are signed out. Sign in again in another tab, then save here."),
        "disabled": _("disabled"),
        "enable": _("enabled"),
        "status": _("Status"),
        "primary": _("primary field"),
        "unique": _("unique"),
        "required": _("required"),
        "confirm_remove_field": _("Delete the field {label}? It is removed when you save."),
        "confirm_remove_group": _("Delete the group {label} with its {count} fields?"),
        "last_group": _("A form needs at least one group."),
        "removed": _("Removed field"),
        "put_back": _("Click to put it back."),
    }


def _settings() -> dict[str, str]:
    return {
        "label": _("Label"),
        "name": _("Name in the API"),
        "name_hint": _("May be changed until the field is saved; letters, digits and _."),
        "name_fixed": _("Fixed: clients know the field by it."),
        "number": _("Number of the field"),
        "number_hint": _("The ticket API and spreadsheets may name the field so, too."),
        "type": _("Type"),
        "type_hint": _("Can change while no record holds a value."),
        "move_to": _("In group"),
        "indexed": _("Indexed"),
        "indexed_hint": _(
            "Filters, sorts and searches by this field are fast in a large form; every write is a little slower."
        ),
        "none": _("(none)"),
        "yes": _("Yes"),
        "no": _("No"),
        "list_hint": _("One per line."),
        "choose_form": _("Choose a form"),
        "form_name": _("Form name"),
        "description": _("Description"),
        "primary_field": _("Primary field"),
        "primary_hint": _("Its value names a record wherever it is related to. Text types only."),
        "keeps_history": _("Keep history"),
        "keeps_history_hint": _(
            "Each change of a record is kept with who made it. Without it the form has no history, no feed of changes "
            "and no webhooks."
        ),
        "own_settings": _("Settings of the type"),
    }


def _choices() -> dict[str, str]:
    return {
        "options": _("Options"),
        "option": _("Option"),
        "add_option": _("Add option"),
        "paste_options": _("Paste several"),
        "paste_hint": _("One option per line."),
        "paste_hint_cascade": _("One option per line; each space or tab at the beginning means one level down."),
        "take_over": _("Add these"),
        "cancel": _("Cancel"),
        "indent": _("One level down"),
        "outdent": _("One level up"),
        "no_options": _("No options yet."),
    }


def _formula() -> dict[str, str]:
    return {
        "check": _("Check"),
        "checking": _("Checking …"),
        "formula_ok": _("The formula is right. It gives: {result}"),
        "formula_list": _("list of {result}"),
        "formula_volatile": _(
            "It is computed on reading, since it depends on today or on the record itself; it can't filter or sort."
        ),
        "fault_at": _("Line {line}, column {column}: {message}"),
        "insert_field": _("Fields (click to insert)"),
        "insert_function": _("Functions (click to insert)"),
        "search_function": _("Search functions"),
        "result_number": _("number"),
        "result_text": _("text"),
        "result_boolean": _("yes or no"),
        "result_date": _("date"),
        "result_datetime": _("date and time"),
        "result_any": _("a value of any kind"),
    }


def _tabs() -> dict[str, str]:
    return {
        "tabs_hint": _("A tab is a named selection of records; the API's scope takes its name."),
        "add_tab": _("Add tab"),
        "tab_name": _("Name in the API (scope)"),
        "filters": _("Filters (all must hold)"),
        "add_filter": _("Add filter"),
        "sort": _("Order"),
        "add_sort": _("Add sort key"),
        "asc": _("ascending"),
        "desc": _("descending"),
        "column": _("Column"),
        "operator": _("Operator"),
        "value": _("Value"),
        "from": _("from"),
        "to": _("to"),
        "value_hint": _("A text or number, or JSON such as [1, 2]"),
        "no_tabs": _("No tabs yet: the form has all, mine and department."),
        "any_of": _("Any of several filters (JSON)"),
    }

"""The words of the flow designer's scripts and of the diagram, in the reader's language."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from forms_app.admin.forms import designer_texts
from forms_app.operators import operators


def texts() -> dict[str, str]:
    """Key → text with {places} that the scripts fill; those of the form designer among them."""
    return {
        **designer_texts.texts(),
        **_page_texts(),
        **_components(),
        **_stages(),
        **_rules(),
        **_formulas(),
        **_settings(),
    }


def diagram_words() -> dict[str, Any]:
    """What the diagram says itself: `words` of `draw` in flow/diagram.js, and of the buttons around it."""
    return {
        "types": {
            "start": _("Start"),
            "human_input": _("Human input"),
            "condition": _("Condition"),
            "parallel": _("Parallel"),
            "collection": _("Collection"),
            "set_field": _("Set field"),
            "call_flow": _("Call flow"),
            "end": _("End"),
        },
        "states": {
            "waiting": _("waiting for a person"),
            "calling": _("waiting for another flow"),
            "joining": _("waiting for other branches"),
            "stopped": _("stopped by an error"),
            "done": _("done"),
        },
        "default": _("otherwise"),
        "insert": _("Insert a component here"),
        "next": _("Click: what comes next. Drag: draw a line."),
        "zoom": {"closer": _("Zoom in"), "farther": _("Zoom out"), "fit": _("Show all"), "diagram": _("Diagram")},
    }


def hints() -> dict[str, str]:
    """Type of a component → what it does."""
    return {
        "start": _("Where tickets begin: what is filled in, and what must hold."),
        "human_input": _("Waits until somebody fills in the form and pushes."),
        "condition": _("Goes one of several ways, as rules say."),
        "parallel": _("Goes all ways at once."),
        "collection": _("Waits until all branches of a parallel have come."),
        "set_field": _("Writes fields and variables by itself."),
        "call_flow": _("Opens a ticket of another flow and waits for its end."),
        "end": _("Ends the ticket."),
    }


def _page_texts() -> dict[str, str]:
    return {
        "components": _("Components"),
        "palette_hint": _("Click: goes behind what is selected. Drag: into a line or onto a component."),
        "insert_component": _("Add a component"),
        "lead_to": _("Or lead to"),
        "nothing_selected": _("Choose a component in the diagram to see its settings."),
        "remove_component": _("Delete component"),
        "removed_with": _("Deleted, and {count} that nothing led to any more. Undo brings them back."),
        "start_stays": _("The start can't be deleted: tickets begin there."),
        "end_not_here": _("An end goes where nothing comes behind it."),
        "version_published": _("version {number} is published"),
        "not_published": _("not published"),
        "published": _("published"),
        "unpublished_changes": _("Saved, but not published yet"),
        "no_faults": _("Nothing is wrong: it can be published"),
        "not_publishable": _("Can't be published yet. To correct: {count}"),
        "published_now": _("Published"),
        "unpublished_now": _("Unpublished"),
        "confirm_unpublish": _("Unpublish the flow? No ticket can be opened then; those that run go on."),
        "save_first": _("Save your changes first."),
        "conflict_hint": _("Nothing of yours is lost on this page. Open the flow in another tab to compare."),
    }


def _components() -> dict[str, str]:
    return {
        "name": _("Name"),
        "next": _("Next component"),
        "choose_next": _("Choose a component"),
        "no_next": _("(no line)"),
        "branches": _("Branches"),
        "remove_line": _("Delete line"),
        "rules": _("Rules"),
        "match": _("When several are true"),
        "match_last": _("the last of them decides"),
        "match_first": _("the first of them decides"),
        "add_rule": _("Add rule"),
        "rule_of": _("Rule {number}"),
        "when": _("When"),
        "leads_to": _("Leads to"),
        "default_line": _("Otherwise"),
        "default_hint": _("Where it leads when no rule is true."),
        "values": _("What is set"),
        "add_assignment": _("Set another"),
        "target": _("Field or variable"),
        "by_formula": _("to what a formula gives"),
        "by_value": _("to a fixed value"),
        "empty_clears": _("Nothing here: it is cleared."),
        "called_flow": _("Flow"),
        "choose_flow": _("Choose a published flow"),
        "inputs": _("What its ticket begins with"),
        "inputs_hint": _("Formulas read this flow's form; what is set belongs to the other."),
        "outputs": _("What comes back"),
        "outputs_hint": _("Formulas read the other ticket when it has ended; what is set belongs to this flow."),
    }


def _stages() -> dict[str, str]:
    return {
        "form_view": _("Fields shown"),
        "all_fields": _("All fields, as the form has them"),
        "all_of_group": _("Whole group"),
        "hidden": _("hidden"),
        "read_only": _("read-only"),
        "writable": _("writable"),
        "assignees": _("Who may push"),
        "everyone": _("Nobody is chosen: everyone of the organization may push."),
        "any_of_these": _("Each of these may push."),
        "members": _("Members"),
        "departments": _("Departments"),
        "people_fields": _("Whom these fields name"),
        "creator": _("Whoever opened the ticket"),
        "find_member": _("Find a member"),
        "find_department": _("Find a department"),
        "nobody_found": _("Nothing found"),
        "validation": _("Validation"),
        "validation_on": _("Check what is filled in"),
        "validation_hint": _("A formula that must be true; else a message says why not."),
        "validation_formula": _("Must be true"),
        "validation_message": _("Message when it is not"),
        "quick_actions": _("Quick actions"),
        "quick_hint": _(
            "Buttons that push with set values instead of a filled-in form. Clients call them by their code."
        ),
        "add_action": _("Add quick action"),
        "action_name": _("Text of the button"),
    }


def _rules() -> dict[str, str]:
    """Those of rules that are clicked together: `op_…` are the operators of flow/rule_formula.js, as formulas say them,
    by the words that filters have."""
    return {
        **{f"op_{operator.formula}": str(operator.label) for operator in operators if operator.formula},
        "op_NOT CONTAINS": _("does not contain"),
        "op_INCLUDES": _("contains"),
        "op_NOT INCLUDES": _("does not contain"),
        "choose_field": _("Choose a field"),
        "add_clause": _("Add condition"),
        "all_clauses": _("All of these must hold"),
        "any_clause": _("Any of these is enough"),
        "both": _("{one} and {other}"),
        "either": _("{one} or {other}"),
        "to_formula": _("Write a formula"),
        "to_clauses": _("Click together"),
    }


def _formulas() -> dict[str, str]:
    return {
        "formula": _("Formula"),
        "insert": _("Fields and functions"),
        "variables": _("Variables"),
        "variables_hint": _("Values that go with the ticket without being fields. Formulas read them as {$name}."),
        "add_variable": _("Add variable"),
        "variable_name": _("Name"),
        "variable_kind": _("Kind"),
        "variable_required": _("Must be given when a ticket is opened"),
        "variable_formula": _("Value when none is given"),
    }


def _settings() -> dict[str, str]:
    return {
        "flow_name": _("Flow name"),
        "api_path": _("API path"),
        "api_path_hint": _("The last part of the addresses of its calls. It can't change once the flow was published."),
        "api_path_fixed": _("Fixed since the flow was published: clients call it."),
        "propose_path": _("Use “{path}”"),
        "api_enabled": _("API calls"),
        "api_enabled_hint": _("Lets other systems use the flow."),
        "attachments": _("Attachments"),
        "attachments_hint": _("Files may be attached to its tickets."),
        "locks_record": _("Lock records"),
        "locks_record_hint": _("While a ticket is running, the values of its record change only through the ticket."),
        "version": _("Version"),
        "no_versions": _("Nothing is published yet."),
        "published_at": _("Published at"),
        "published_by": _("Published by"),
        "running": _("Running tickets"),
        "show_diagram": _("Diagram"),
    }

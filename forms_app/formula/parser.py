"""Parser: formula text in, tree out. Iterative throughout, so that no text can exhaust the stack."""

from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any, NoReturn

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedToken

from .faults import FormulaRefused, fault_at
from .limits import Limits
from .nodes import Boolean, Call, Chain, Node, Number, Percent, Power, Reference, Signed, Text, Word, walk

BOOLEANS = {"TRUE": True, "FALSE": False, "真": True, "假": False}
OPENING_QUOTES = frozenset("\"'“”‘’")
# Tokens that make no node of their own.
PUNCTUATION = frozenset({"_OPEN", "_CLOSE", "_COMMA"})
WIDE = str.maketrans("＜＞＝＋－＊／＆！", "<>=+-*/&!")


def _operator(token: Token) -> str:
    """Gives an operator's plain spelling; `!=` is another spelling of `<>`."""
    plain = str(token).translate(WIDE)
    return "<>" if plain == "!=" else plain


def _start(token: Token) -> int:
    return token.start_pos or 0


class _Growth(Transformer[Token, Node]):
    """Grows nodes while lark reduces; it keeps no state, since the one parser serves all threads."""

    def number(self, children: list[Token]) -> Node:
        return Number(Decimal(str(children[0])), position=_start(children[0]))

    def text(self, children: list[Token]) -> Node:
        token = children[0]
        closing = token[-1]
        value = str(token[1:-1]).replace(closing * 2, closing)
        return Text(value, end=_start(token) + len(token), position=_start(token))

    def reference(self, children: list[Token]) -> Node:
        token = children[0]
        path = tuple(name.strip() for name in token[1:-1].split(".", 1))
        return Reference(path, end=_start(token) + len(token), position=_start(token))

    def word(self, children: list[Token]) -> Node:
        token = children[0]
        known = BOOLEANS.get(token.upper())
        if known is None:
            return Word(str(token), position=_start(token))
        return Boolean(known, position=_start(token))

    def call(self, children: list[Any]) -> Node:
        name: Token = children[0]
        return Call(str(name), tuple(children[1:]), position=_start(name))

    def signed(self, children: list[Any]) -> Node:
        token: Token = children[0]
        return Signed(_operator(token), children[1], position=_start(token))

    def percent(self, children: list[Node]) -> Node:
        return Percent(children[0], position=children[0].position)

    def power(self, children: list[Node]) -> Node:
        return Power(children[0], children[1], position=children[0].position)

    def chain(self, children: list[Any]) -> Node:
        first: Node = children[0]
        steps = tuple(
            (_operator(token), operand) for token, operand in zip(children[1::2], children[2::2], strict=True)
        )
        return Chain(first, steps, position=first.position)


@lru_cache(maxsize=1)
def _grammar() -> Lark:
    source = files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    return Lark(source, parser="lalr", lexer="basic", transformer=_Growth())


def _refuse(text: str, position: int, code: str, **params: object) -> NoReturn:
    raise FormulaRefused([fault_at(text, position, code, None, **params)])


def _character_fault(text: str, position: int) -> NoReturn:
    character = text[position]
    if character in OPENING_QUOTES:
        _refuse(text, position, "unclosed_text")
    if character == "{":
        _refuse(text, position, "unclosed_reference")
    _refuse(text, position, "unexpected_character", character=character)


def _tree(text: str, limits: Limits) -> Node:
    session = _grammar().parse_interactive(text)
    nodes = level = 0
    # Counted token by token, so that a hostile text is dropped at the limit and not after the whole parse.
    for token in session.iter_parse():
        if token.type not in PUNCTUATION:
            nodes += 1
        level += (token.type == "_OPEN") - (token.type == "_CLOSE")
        if level > limits.depth:
            _refuse(text, _start(token), "too_deep", limit=limits.depth)
        if nodes > limits.nodes:
            _refuse(text, _start(token), "too_large", limit=limits.nodes)
    root: Node = session.feed_eof()  # type: ignore[no-untyped-call] # lark's
    return root


def parse(text: str, limits: Limits) -> Node:
    """Takes formula text, gives its tree; raises `FormulaRefused` with the first fault of the syntax."""
    if len(text) > limits.length:
        _refuse(text, limits.length, "too_long", length=len(text), limit=limits.length)
    if not text.strip():
        _refuse(text, 0, "empty")
    try:
        root = _tree(text, limits)
    except UnexpectedCharacters as fault:
        _character_fault(text, fault.pos_in_stream or 0)
    except UnexpectedToken as fault:
        if fault.token.type == "$END":
            _refuse(text, len(text), "unexpected_end")
        _refuse(text, _start(fault.token), "unexpected_token", token=str(fault.token))
    if root.depth > limits.depth:
        position = next(node.position for node, level in walk(root) if level > limits.depth)
        _refuse(text, position, "too_deep", limit=limits.depth)
    return root

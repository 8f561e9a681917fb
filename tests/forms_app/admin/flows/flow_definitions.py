"""Definitions of flows: one that holds, and random ones to be drawn, right or wrong."""

from __future__ import annotations

import random
from typing import Any


def component(id: str, type: str, name: str = "", **own: Any) -> dict[str, Any]:
    return {"id": id, "type": type, "name": name or id, **own}


def line(source: str, target: str, **own: Any) -> dict[str, Any]:
    return {"source": source, "target": target, **own}


def approval() -> dict[str, Any]:
    """Two in parallel, collected; a condition leads on, or back."""
    return {
        "components": [
            component("start", "start", "开始"),
            component("both", "parallel", "会签"),
            component("money", "human_input", "财务"),
            component("law", "human_input", "法务"),
            component("met", "collection", "汇集"),
            component("large", "condition", "金额判断", match="first"),
            component("end", "end", "结束"),
        ],
        "lines": [
            line("start", "both"),
            line("both", "money"),
            line("both", "law"),
            line("money", "met"),
            line("law", "met"),
            line("met", "large"),
            line("large", "both", rule="{amount} > 1000"),
            line("large", "end", default=True),
        ],
    }


def scribble(seed: int) -> dict[str, Any]:
    """Components with lines at random: loops, lines to oneself, repeated and loose ones, and what hangs on nothing."""
    chance = random.Random(seed)
    types = ("human_input", "condition", "parallel", "collection", "set_field", "call_flow", "end")
    names = [f"c{number}" for number in range(chance.randint(0, 24))]
    components = [component("start", "start", "开始")]
    components += [component(name, chance.choice(types), f"很长的名称{name}" * chance.randint(1, 4)) for name in names]
    ids = [one["id"] for one in components]
    count = chance.randint(0, 2 * len(ids))
    ends = [(chance.choice(ids), chance.choice([*ids, "nowhere"])) for _ in range(count)]
    rules = [{"rule": f"{{amount}} > {chance.randint(1, 10**12)}"}, {"rule": ""}, {"default": True}]
    return {"components": components, "lines": [line(*pair, **chance.choice(rules)) for pair in ends]}

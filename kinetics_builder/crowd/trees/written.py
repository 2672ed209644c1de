"""A tree of questions as `decision_tree.told` keeps it."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from kinetics_builder.text.class_list.entries import NONE_OF_THESE, TreeQuestion
from kinetics_builder.text.class_list.trees import Goal, Leads, Node, Tree


def written(tree: Tree) -> str:
    """Return a tree as JSON; equal trees give equal texts."""
    nodes = [
        {
            "key": node.key,
            "text": node.text,
            "examples": node.examples,
            "group": node.group,
            "yes": node.yes,
            "no": node.no,
        }
        for node in tree.nodes.values()
    ]
    told = {"name": tree.name, "first": tree.first, "nodes": nodes}
    return json.dumps(told, ensure_ascii=False)


@lru_cache(maxsize=64)
def read(told: str) -> Tree:
    """Return the tree that `written` has written."""
    found = json.loads(told)
    nodes = {one["key"]: _node(one) for one in found["nodes"]}
    return Tree(found["name"], found["first"], nodes)


def _node(one: Mapping[str, Any]) -> Node:
    yes, no = (Goal(Leads(leads), name) for leads, name in (one["yes"], one["no"]))
    return Node(one["key"], one["text"], tuple(one["examples"]), one["group"], yes, no)


def questions_in(tree: Tree) -> dict[str, tuple[TreeQuestion, ...]]:
    """Return the questions of each group of the classes file that the tree consists of."""
    found: dict[str, list[TreeQuestion]] = {}
    for node in tree.nodes.values():
        question = TreeQuestion(
            key=node.key,
            text=node.text,
            examples=node.examples,
            yes=_told(tree, node, node.yes),
            no=_told(tree, node, node.no),
        )
        found.setdefault(node.group, []).append(question)
    return {group: tuple(questions) for group, questions in found.items()}


def _told(tree: Tree, node: Node, goal: Goal) -> str:
    """Return where an answer leads as the file says it: to a question of another group by that."""
    if goal.leads is Leads.NONE:
        return NONE_OF_THESE
    is_elsewhere = goal.leads is Leads.QUESTION and tree.nodes[goal.name].group != node.group
    return tree.nodes[goal.name].group if is_elsewhere else goal.name

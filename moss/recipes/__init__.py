"""Recipes: each makes one model from its data, stage by stage, and can be resumed.

A recipe is a function that returns a `Recipe`; a variant is that function and a few assignments. This table names them;
nothing is imported until one is asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from ..errors import unknown_name

if TYPE_CHECKING:
    from .recipe import Recipe

RECIPES = {
    "nano": ("moss.recipes.nano.recipe", "the packaged assistant, moss-nano, from nothing"),
    "smoke": ("moss.recipes.nano.recipe", "the same path with a model too small to be good, in a minute"),
    "preference": ("moss.recipes.preference.recipe", "the quality dial, measured beside DPO, PPO and others"),
    "preference_smoke": ("moss.recipes.preference.recipe", "the same study with everything tiny, in minutes"),
}
"""Name of the recipe, which is also the name of the function; its module; what it makes."""


def load_recipe(name: str, overrides: Sequence[str] = ()) -> Recipe:
    """The recipe of this name, with `key=value` settings applied. Raises UserError with near names for a wrong name."""
    if name not in RECIPES:
        raise unknown_name("recipe", name, RECIPES)
    module, _ = RECIPES[name]
    recipe: Recipe = getattr(import_module(module), name)(overrides)
    return recipe

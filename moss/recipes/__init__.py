"""Recipes: one Python module (or folder) for each way to make an assistant."""

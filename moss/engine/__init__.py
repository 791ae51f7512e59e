"""Generation: many sequences, one model, one step at a time. `engine.py` is the door; see docs/reference/engine.md."""

"""The nano world: bilingual text and dialogues whose truth is known, so that all that comes of it can be verified."""

"""The nano world: bilingual text and dialogues whose truth is known, so that everything trained on them can be verified."""

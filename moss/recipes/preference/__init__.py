"""The study of preference-aware training: a dial over quality, measured beside the alternatives from one checkpoint."""

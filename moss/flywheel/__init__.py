"""The way back: what consenting people said, made into data for the next round of training."""

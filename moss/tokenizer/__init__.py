"""Text to token ids and back: the byte-level BPE tokenizer, its training, and a report on one."""

from .bpe import Tokenizer
from .training import train

__all__ = ["Tokenizer", "train"]

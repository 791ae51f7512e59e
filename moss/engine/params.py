"""How a sequence is to be sampled, as a value: who asks an engine from another process needs no torch for it."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import UserError


@dataclass(frozen=True, slots=True)
class SamplingParams:
    """How one sequence is sampled. The defaults are those MOSS was published with."""

    temperature: float = 0.7
    """Divides the logits; 0 always takes the likeliest token."""
    top_p: float = 0.8
    """Draw from the fewest tokens that together have this probability; 1 is all of them."""
    top_k: int = 0
    """Draw from this many of the likeliest tokens; 0 is all of them."""
    repetition_penalty: float = 1.02
    """Logits of tokens that already occurred are divided by this where positive, multiplied where negative."""
    max_tokens: int = 512
    """The longest reply, in tokens."""
    seed: int | None = None
    """The same seed draws the same text; None draws a new one every time."""
    guidance: float = 0.0
    """How far the logits of a reply with a quality tag move away from those of the lowest quality; 0 is off."""
    stop: tuple[str, ...] = ()
    """Texts that end the reply; they are not part of it."""
    logprobs: int | None = None
    """How many of the likeliest tokens are noted beside each of the reply's (0: it alone); None: nothing is noted."""

    def __post_init__(self) -> None:
        if not 0.0 <= self.temperature <= 100.0:
            raise UserError(f"temperature must be between 0 and 100, not {self.temperature}")
        if not 0.0 < self.top_p <= 1.0:
            raise UserError(f"top_p must be above 0 and at most 1, not {self.top_p}")
        if self.top_k < 0:
            raise UserError(f"top_k must be 0 (off) or more, not {self.top_k}")
        if not 0.0 < self.repetition_penalty <= 100.0:
            raise UserError(f"repetition_penalty must be above 0 and at most 100, not {self.repetition_penalty}")
        if self.max_tokens < 1:
            raise UserError(f"max_tokens must be 1 or more, not {self.max_tokens}")
        if not 0.0 <= self.guidance <= 100.0:
            raise UserError(f"guidance must be between 0 (off) and 100, not {self.guidance}")
        if not all(self.stop):
            raise UserError("stop must not hold an empty text")

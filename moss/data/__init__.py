"""From text and conversations to batches of tokens."""

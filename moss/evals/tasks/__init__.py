"""The tasks that come with MOSS, one module each."""

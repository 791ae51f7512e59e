"""An assistant over HTTP."""

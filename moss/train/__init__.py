"""Training: one loop, and stages that are data plus a loss."""

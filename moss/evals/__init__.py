"""Measuring an assistant: `task.py` what is asked and scored, `runner.py` asking it, `report.py` the figures."""

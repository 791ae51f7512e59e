"""Data that models make and judge: replies from several sources, verdicts, preferences."""

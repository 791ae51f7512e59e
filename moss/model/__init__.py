"""The decoder: its configuration, its layers, and attention over packed rows.

One definition serves training and inference; what differs between them is the `attend` object that forward takes.
"""

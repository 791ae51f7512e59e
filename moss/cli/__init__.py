"""The command line: one file a command group; a command parses its arguments and calls one function."""

"""What people ask for: one file for each kind of exchange."""

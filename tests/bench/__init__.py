"""Measures what the server costs, beside the Channels tutorial's consumer; README.md has the results."""

"""Breaks a running chat on purpose, by a seeded schedule, and checks what it promised; README.md says how and what."""

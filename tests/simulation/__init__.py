"""Hub, writer and sessions of two processes over a layer that drops, repeats, delays and reorders, in virtual time."""

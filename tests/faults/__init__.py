"""One fault at a time, each with the promise that it must not break; tests/chaos mixes them."""

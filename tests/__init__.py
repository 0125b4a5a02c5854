"""The tests and what they stand on; `make test` runs all of them."""

# make run     serve the chat at http://HOST:PORT/ (127.0.0.1:8000 unless told), Ctrl-C ends it
# make test    everything: what the tests need, style, types, contracts, and all tests, as CI does
# make check   style, types, import contracts and unsafe calls alone
# make format  put the Python in the project's style
# make lock    resolve the dependencies of pyproject.toml anew (needs uv; LOCK=--upgrade for newer versions)
# make test-compose  the deployment in containers, where there is a Docker engine: builds, scales, breaks, updates it
# make chaos   break a running chat on purpose: SECONDS=60 SEED=1 CLIENTS=40 ROOMS=5 SERVERS=2
# make bench   CPU for each delivery, latency, memory: SHAPE='1 x 500' PEERS=tutorial RUNS=3
# make clean   remove what make made, not var/ with what people wrote
#
# Plain POSIX sh and GNU make 3.81, so that a bare machine with Python is enough for `make run`.

HOST ?= 127.0.0.1
PORT ?= 8000
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; exit; }; done; echo python3)
BIN = .venv/bin
RUNTIME = .venv/.runtime-installed
DEV = .venv/.dev-installed

# The long ones, by hand; tests/chaos/README.md and tests/bench/README.md tell what they show.
SECONDS ?= 60
SEED ?= 1
CLIENTS ?= 40
ROOMS ?= 5
SERVERS ?= 2
SCHEDULES ?= 100000
SHAPE ?=
PEERS ?=
RUNS ?= 1

.PHONY: run test test-compose check format lock clean system tests-js tests-python tests-postgres chaos soak simulation bench
.NOTPARALLEL:
.DELETE_ON_ERROR:

run: $(RUNTIME)
	@HOST='$(HOST)' PORT='$(PORT)' exec $(BIN)/python manage.py start

test: system check tests-js tests-postgres tests-python

# The steps of `make test`. Each ends with what failed; the last line of pytest is the last of all.
system:
	@tests/setup-system.sh

check: $(DEV)
	@$(BIN)/ruff check --output-format=concise .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/bandit --quiet --configfile pyproject.toml --recursive chat chatsite manage.py

tests-js:
	@files=$$(find tests/js -name '*.test.js' -o -name '*.test.mjs' | sort); \
	if ! command -v node >/dev/null; then echo 'JavaScript tests: left out, there is no node here'; \
	elif [ -z "$$files" ]; then echo 'JavaScript tests: none yet'; \
	else node --test --test-reporter=spec $$files; fi

tests-postgres: $(DEV)
	@TEST_DATABASE=postgres $(BIN)/python -m pytest

tests-python: $(DEV)
	@$(BIN)/python -m pytest

# Not a part of `make test`: it builds images. Nothing but Docker, its compose plugin and a browser are needed.
test-compose: system $(DEV)
	@docker compose version >/dev/null && docker info >/dev/null || { \
		echo 'test-compose: expected a Docker engine with its compose plugin; there is none that answers.' >&2; exit 1; }
	@$(BIN)/python -m pytest -x tests/compose/deployment.py

chaos: $(DEV)
	@$(BIN)/python -m tests.chaos --seconds $(SECONDS) --seed $(SEED) --clients $(CLIENTS) --rooms $(ROOMS) --servers $(SERVERS)

soak: $(DEV)
	@$(BIN)/python -m tests.chaos.soak --seconds $(SECONDS)

simulation: $(DEV)
	@SIMULATION_SCHEDULES=$(SCHEDULES) $(BIN)/python -m pytest tests/simulation

bench: $(DEV)
	@$(BIN)/python -m tests.bench --shape '$(SHAPE)' --peers '$(PEERS)' --runs $(RUNS)

format: $(DEV)
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

lock:
	@export UV_CUSTOM_COMPILE_COMMAND='make lock'; \
	compile='uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url $(LOCK)'; \
	$$compile pyproject.toml -o requirements.txt && \
	$$compile pyproject.toml --group dev -c requirements.txt -o requirements-dev.txt

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The environment. The stamps are files in it, so that a second start finds nothing to do.
$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo 'Python 3.11 or newer is needed; found:' "$$($(PYTHON) --version 2>&1 || true)." \
			'Install one, or name it: make $(MAKECMDGOALS) PYTHON=/path/to/python3' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo 'The venv module of Python is missing (Debian, Ubuntu: apt-get install python3-venv).' >&2; exit 1; }
	@echo 'Making .venv, once.'
	@rm -rf .venv
	@$(PYTHON) -m venv .venv || { rm -rf .venv; exit 1; }

$(RUNTIME): requirements.txt | $(BIN)/python
	@echo 'Installing the requirements, once (requirements.txt).'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@

$(DEV): requirements-dev.txt | $(BIN)/python
	@echo 'Installing the requirements of the tests, once (requirements-dev.txt).'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@touch $@ $(RUNTIME)

# make run    a product that answers, from a fresh clone (ARGS="--port 9000" and the like go to quickstart)
# make test   all that CI checks: lint, types, migrations, tests with coverage (some: PYTEST_ARGS="-k formula")
# make test-fast  the tests of pure rules, without a database: half a minute, after each change
# make test-pooled  the tests that meet the database once more, through PgBouncer with four connections
#                 (PYTEST_ARGS="tests/forms_app" and the like)
# make bench  build the data and measure (ARGS="--sizes 10000 --only list,detail" and the like; docs/benchmarks.md)
# make bench-attack  how long others wait while somebody attacks the server (ARGS="--seconds 20 --only guesses")
# make proofs what the tests show, at full scale, which takes an hour (docs/benchmarks.md, Proofs; PYTEST_ARGS="-k feed")
# make lock       after a package in pyproject.toml changed: write the requirements of it (ARGS=--upgrade for newer ones of what
#                 they need)
# make production-check  what to look at before this release serves; in the environment of the server (docs/operations.md)
# make messages   after a visible text changed: collect it into the catalogues; once more after translating, to compile
#                 (needs GNU gettext)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# Many programs are started: each would compile every module again.
unexport PYTHONDONTWRITEBYTECODE
INSTALLED := $(VENV)/.installed
DEVELOPED := $(VENV)/.developed

.PHONY: run test test-fast test-pooled browser clients pooler bench bench-attack proofs lint format messages lock production-check install develop

# exec: Ctrl-C and SIGTERM reach the program itself, with no shell in between that could die first.
run: install
	@exec $(BIN)/python manage.py quickstart $(ARGS)

test: lint browser clients pooler
	$(BIN)/python -m pytest -n 2 $(or $(PYTEST_ARGS),--cov)

test-fast: develop
	$(BIN)/python -m pytest -n 2 -m fast $(PYTEST_ARGS)

test-pooled: develop
	@$(BIN)/python -m tests.config.poolers
	$(BIN)/python -m tests.pooled $(PYTEST_ARGS)

# What the browser tests need: found on the machine, or brought to it.
browser: develop
	@$(BIN)/python -m tests.browser

# What the tests of clients need: programs that read the OpenAPI document, in .data/clients.
clients: develop
	@$(BIN)/python -m tests.clients.tools

# What the tests behind a pooler and those of upgrades need: PgBouncer and an older PostgreSQL, found on the machine or
# brought to it.
pooler: develop
	@$(BIN)/python -m tests.config.poolers
	@$(BIN)/python -m tests.config.older

bench: install
	@exec $(BIN)/python -m benchmarks $(ARGS)

bench-attack: install
	@exec $(BIN)/python -m benchmarks.attack $(ARGS)

PROOFS := tests/config/test_write_crashes.py tests/forms_app/records/writes/test_lost_updates.py \
  tests/forms_app/records/changes tests/forms_app/webhooks/test_hostile.py tests/config/test_replicas_failing.py

proofs: develop
	@FULL_SCALE=1 $(BIN)/python -m pytest -n 0 -s -q $(PROOFS) $(PYTEST_ARGS)

lint: develop
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python manage.py makemigrations --check --dry-run

format: develop
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: develop
	for app in apaas config forms_app; do \
	  (cd $$app && ../$(BIN)/django-admin makemessages -l zh_Hans -l zh_Hant --no-obsolete --no-wrap --add-location file \
	    && sed -i '/^"POT-Creation-Date:/d' locale/*/LC_MESSAGES/django.po \
	    && ../$(BIN)/django-admin compilemessages) || exit 1; \
	done

LOCK := $(BIN)/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes --no-annotate \
  --custom-compile-command "make lock" $(ARGS) pyproject.toml

lock: install
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv==0.13.9
	$(LOCK) --output-file requirements.txt
	$(LOCK) --group dev --constraint requirements.txt --output-file requirements-dev.txt

# All of them, whatever the first one finds; none changes anything.
production-check: install
	@failed=0; \
	for command in "check --deploy --fail-level WARNING" "migrate --plan" "migrate --check" \
	    $${STATIC_ROOT:+"collectstatic --dry-run --no-input --verbosity 0"} "doctor"; do \
	  echo "== manage.py $$command"; \
	  $(BIN)/python manage.py $$command || failed=1; \
	done; \
	exit $$failed

# What a server needs; what who works on the product needs.
install: $(INSTALLED)
develop: $(DEVELOPED)

INSTALL = $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement

$(INSTALLED): requirements.txt
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 or newer is needed, and $(PYTHON) was not found. Name one: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed, and $(PYTHON) is $$($(PYTHON) -V). Name another: make PYTHON=python3.12" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Installing what $< names …"
	@$(INSTALL) $<
	@touch $@

$(DEVELOPED): requirements-dev.txt $(INSTALLED)
	@echo "Installing what $< names …"
	@$(INSTALL) $<
	@touch $@

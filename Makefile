# The front door. Everything behind it is meson, ninja and the scripts in .ci/.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup build demo test bench lint format install clean

PREFIX ?= /usr/local

help: ## show this list
	@echo 'usage: make TARGET'
	@sed -n 's/^\([a-z-]*\):[^#]*## /\1|/p' $(MAKEFILE_LIST) | \
		while IFS='|' read -r target text; do printf '  %-9s %s\n' "$$target" "$$text"; done

setup: ## install what building needs on a Debian 12 machine
	@.ci/setup build

build: setup ## build build/src/cli/throng
	@.ci/build

demo: build ## run scenarios/quickstart.yaml against the built-in simulator
	@build/src/cli/throng run scenarios/quickstart.yaml

test: ## install what tests need, build with gcc and clang, run every test
	@.ci/setup test
	@.ci/test

bench: build ## measure speed and size against their goals: ONLY=B-1 for one, WRITE=1 into the docs
	@.ci/setup bench
	@ninja -C build >/dev/null
	@test/bench/run.py $(if $(WRITE),--write) $(ONLY)

lint: ## check format, module borders, names and the rest of test/lint
	@.ci/setup test
	@.ci/test lint

format: ## rewrite the sources as .clang-format says
	@.ci/setup test
	@git ls-files --cached --others --exclude-standard '*.c' '*.h' | xargs clang-format-19 -i

install: build ## install throng under PREFIX (/usr/local)
	@meson configure build -Dprefix=$(abspath $(PREFIX))
	@meson install -C build --no-rebuild

clean: ## remove what was built; results and downloads stay
	@rm -rf build build-test .pytest_cache

# The front door. Everything behind it is meson, ninja and the scripts in .ci/.
MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup build demo test bench lint format install clean clean-all
.PHONY: smoke stress spike soak auth agents pipelines baseline api rag mcp gateway llm-smoke all
.PHONY: summary view-report

PREFIX ?= /usr/local

# Of the suites: SUITE= whose scenario of that name, ENV= which of its environments, ARGS= what else `throng run` is told.
SUITE ?= web
throng := build/src/cli/throng
run = $(throng) run $(if $(ENV),--env $(ENV)) $(ARGS)
newest = $(shell ls -td results/*/ 2>/dev/null | head -1)

help: ## show this list
	@echo 'usage: make TARGET'
	@sed -n 's/^\([a-z -]*\):[^#]*## /\1|/p' $(MAKEFILE_LIST) | \
		while IFS='|' read -r target text; do printf '  %-12s %s\n' "$$target" "$$text"; done
	@echo
	@echo 'with the suites: ENV=staging, SUITE=web, ARGS="--duration 1m --users 10"'

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

# Shortcuts to the scenarios. Each ends with the exit code of its run; doc/user-guide.md says what they are for.

smoke: build ## web suite: is it there at all? 5 people for 30 seconds
stress: build ## web suite: 50 to 500 people of all kinds for 20 minutes
spike: build ## web suite: 20 people, then 1,000 at once
soak: build ## web suite: 100 people for 30 minutes
auth: build ## web suite: registering, logging in and out
agents: build ## web suite: making, listing, changing and removing agents
pipelines: build ## web suite: the same with pipelines
smoke stress spike soak auth agents pipelines:
	@$(run) scenarios/$(SUITE)/$@.yaml

baseline: build ## gateway suite: one person and nobody else, to compare with
api: build ## gateway suite: chat, models and health under 10, 50 and 100 people
rag: build ## gateway suite: questions to documents under 5, 25 and 50 people
mcp: build ## gateway suite: tools under 5 and 20 people
baseline api rag mcp:
	@$(run) scenarios/gateway/$@.yaml

gateway: build ## gateway suite: api, rag and mcp, one after the other
	@$(run) scenarios/gateway/api.yaml scenarios/gateway/rag.yaml scenarios/gateway/mcp.yaml

llm-smoke: build ## LLM suite: 10 people for 5 minutes
	@$(run) scenarios/llm/users-10.yaml

all: build ## every scenario of the three suites, one after the other: takes half a day
	@$(run) scenarios/llm/*.yaml scenarios/gateway/*.yaml scenarios/web/*.yaml

summary: ## print the summary of the newest run
	@test -n '$(newest)' || { echo 'there are no results yet: make demo' >&2; exit 1; }
	@cat $(newest)summary.md

view-report: build ## open the report of the newest run
	@test -n '$(newest)' || { echo 'there are no results yet: make demo' >&2; exit 1; }
	@test -e $(newest)report.html || $(throng) report $(newest)
	@xdg-open $(newest)report.html || echo 'open $(newest)report.html in a browser'

clean: ## remove the results of all runs but the newest
	@ls -td results/*/ 2>/dev/null | tail -n +2 | xargs -r rm -r --

clean-all: ## remove all results and what was built; downloads stay
	@rm -rf build build-test .pytest_cache results

# Everything a person does with this repository. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help

.PHONY: help run build watch test lint fmt e2e screens interop mutants bench container clean

help: ## This list
	@awk -F ':.*## ' '/^[a-z0-9]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: ## Build what is missing, then serve the demo; first time 6 to 10 minutes, then seconds
	@scripts/run.sh

build: ## Leave target/release/qr-login: one self-contained binary
	@scripts/setup.sh
	@scripts/build.sh >/dev/null

watch: ## Develop: rebuild and reload at every change
	@scripts/watch.sh

test: ## Everything: format, lints, unit, property, contract, HTTP, several-node and browser tests, clients of others, page weight
	@scripts/test.sh

lint: ## All that is checked without running it: format, lints, types, scripts, spelling, workflows, dependencies
	@scripts/setup.sh
	@scripts/test.sh lint

fmt: ## Format the sources
	@. scripts/env.sh && cargo fmt

e2e: ## The browser tests alone
	@scripts/test.sh e2e

screens: ## Screenshots of every page in every state, to look at: end2end/test-results/screens
	@SCREENS=1 scripts/test.sh screens

interop: ## Clients of others against the release build; PEERS="authlib mcp" for some of them
	@scripts/setup.sh browsers
	@scripts/build.sh >/dev/null
	@scripts/interop.sh $(PEERS)

mutants: ## Change the domain, the policies and the limits in one place at a time: a test must notice (40 minutes)
	@scripts/mutants.sh

bench: ## Measure the release build under load; ONLY=logins,waiting for some of it, QUICK=1 to see that it works
	@ONLY="$(ONLY)" QUICK="$(QUICK)" scripts/bench.sh

container: ## Build the container image and see it answer
	@scripts/setup.sh
	@scripts/build.sh >/dev/null
	@scripts/container.sh

clean: ## Remove what was built, not the tools
	@rm -rf target benches/baseline/node_modules end2end/node_modules end2end/test-results tests/interop/node_modules examples/node_modules

# SPDX-FileCopyrightText: The gardener-extension-ontap contributors
# SPDX-License-Identifier: Apache-2.0

SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
# Two cores are busy with one target at a time, and the prerequisites of verify are meant to run in the order they are named.
.NOTPARALLEL:
.DEFAULT_GOAL := help

MODULE  := github.com/gardener-community/gardener-extension-ontap
TOOLS   := .cache/tools
CHECKER := .cache/bin/ontap-contract
OLDEST  := .cache/dry-run/kube-apiserver
VERSION ?= $(shell git describe --tags --match 'v*' 2>/dev/null || echo v0.0.0-dev)
COMMIT  ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
IMAGE   ?= gardener-extension-ontap

# The packages whose specs start processes. All others live inside one process and run under the race detector.
LANDSCAPE := ^$(MODULE)/(cmd/ontap-simulator|test/(landscape|admission|e2e|demo|dryrun|monitoring|bench|soak))(/|$$)
# $(call specs,GREP OPTIONS,GO TEST FLAGS) tests the packages that grep picks, if there are any.
specs = packages="$$(go list ./... | { grep -E $(1) || true; })" && { [[ -z "$$packages" ]] || go test $(2) $$packages; }

.PHONY: help
help: ## Show this help.
	@awk 'BEGIN { FS = ":.*## " } \
		/^##@/ { printf "\n%s\n", substr($$0, 5) } \
		/^[a-z-]+:.*## / { printf "  %-17s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

##@ Test (each target contains the one before)

# The simulators of all specs hold every request and its answer against NetApp's OpenAPI document.
check test: export ONTAP_CONTRACT := $(CURDIR)/$(CHECKER)

.PHONY: check
check: $(TOOLS)/golangci-lint $(CHECKER) ## Inner loop: build, lint of the change, specs that start no process (7 minutes, less where little has changed).
	go build ./...
	hack/lint.sh
	@$(call specs,-v '$(LANDSCAPE)',-race -short -timeout=15m)

.PHONY: contract
contract: ## The simulator beside NetApp's OpenAPI document: operations, statuses and fields covered, exceptions (once 4 minutes).
	go test -C test/contract -count=1 -v -timeout=10m .

.PHONY: test
test: check contract assets ## The test command: check, contract, one fault at every point, every state, and the specs that start processes (an hour).
	go test -timeout=10m ./test/integration
	@# Processes are waited for much of the time, in which lives with faults can be lived.
	@go test -timeout=60m ./test/faults & faults=$$!; failed=0; \
		{ $(call specs,'$(LANDSCAPE)',-count=1 -p=1 -timeout=30m); } || failed=1; wait $$faults || failed=1; exit $$failed

.PHONY: faults
faults: SEED ?= 1
faults: assets ## Beyond test: faults a second time, on a kube-apiserver (AGAIN=all: of all scenarios), and 20,000 pairs that SEED draws (20 minutes).
	FAULTS_SEED_API=landscape FAULTS_AGAIN='$(AGAIN)' FAULTS_PAIRS=20000 FAULTS_SEED='$(SEED)' go test ./test/faults -count=1 -v -timeout=90m -ginkgo.timeout=90m
	FULL_SIZE=1 go test ./test/integration -count=1 -timeout=10m -run=TestIntegration -ginkgo.focus='A seed with 1,000 shoots'

.PHONY: soak
soak: SEED ?= $(shell date +%s)
soak: assets ## A storm that SEED draws: 200 shoots, a fifth of ONTAP's calls fails, kills, a lost half of a MetroCluster (15 minutes).
	go run ./test/soak -seed '$(SEED)'

.PHONY: nodes
nodes: assets ## The driver on nodes: with kube-controller-manager, kube-scheduler and kwok (builds them once, 5 minutes).
	NODES=1 go test ./test/e2e -count=1 -timeout=30m -ginkgo.focus='The driver on nodes'

.PHONY: dry-run
dry-run: assets $(OLDEST) ## What shoots and seeds get, asked of the oldest and the newest Kubernetes; a warning fails it (builds the oldest once, 5 minutes).
	OLDEST_KUBE_APISERVER='$(CURDIR)/$(OLDEST)' go test ./test/dryrun -count=1 -v -timeout=10m

.PHONY: mutants
mutants: ## Take one safeguard after another out of a build, and see the spec that is named for it fail (7 minutes).
	go run ./test/mutants

.PHONY: verify
verify: verify-generated verify-tidy check-headers check-shell lint chart-check rules test ## All that CI asks: generated and tidy, full lint, chart, alerts, test.

.PHONY: bench
bench: assets ## Figures beside their bounds: creations against ONTAP's own time; memory, readiness and healing with 1000 shoots (3 minutes).
	go build -o .cache/bench ./test/bench
	@exec .cache/bench

##@ See it

.PHONY: demo
demo: assets ## The failure, end to end, in a local landscape. KEEP=1 stays up and says what to try.
	go build -o .cache/demo ./test/demo
	@KEEP='$(KEEP)' exec .cache/demo

.PHONY: landscape
landscape: assets $(TOOLS)/helm ## A seed and an ONTAP cluster for the README's chapter Install, until Ctrl-C.
	@bash hack/assets/build.sh kubectl >/dev/null
	go build -o .cache/landscape ./test/landscape/local
	@exec .cache/landscape .cache/landscape.env

##@ Change it

.PHONY: generate
generate: $(TOOLS)/deepcopy-gen ## Generate the deepcopy functions of the APIs, and the tables in the README of what shoots are given.
	$(TOOLS)/deepcopy-gen --go-header-file=hack/boilerplate.go.txt --output-file=zz_generated.deepcopy.go ./pkg/apis/...
	WRITE_README=1 go test ./pkg/trident -count=1 -ginkgo.focus='The README should show'

.PHONY: tidy
tidy: ## Tidy all Go modules.
	hack/tidy.sh

.PHONY: format
format: $(TOOLS)/golangci-lint ## Format all Go files and sort their imports.
	$(TOOLS)/golangci-lint fmt

##@ Parts of verify

.PHONY: lint
lint: $(TOOLS)/golangci-lint ## Lint the whole tree.
	hack/lint.sh all

.PHONY: verify-generated
verify-generated: $(TOOLS)/deepcopy-gen ## Fail if generate would change something.
	hack/verify-generated.sh

.PHONY: verify-tidy
verify-tidy: ## Fail if tidy would change something.
	hack/tidy.sh -diff

.PHONY: check-headers
check-headers: ## Fail if a licence header is missing.
	hack/check-headers.sh

.PHONY: check-shell
check-shell: ## Fail if a shell script does not parse.
	@find . \( -path ./.git -o -path ./.cache \) -prune -o \( -name '*.sh' -o -path ./.ci/run \) -print0 | xargs -0 -n 1 bash -n

.PHONY: chart-check
chart-check: $(TOOLS)/helm ## Lint and render the charts, also with values that they must refuse.
	hack/check-chart.sh

.PHONY: rules
rules: ## Check the alerts, and have each of them fire and resolve, with Debian's Prometheus (unpacked once where there is none).
	@promtool=$$(hack/prometheus.sh)/promtool; $$promtool check rules charts/gardener-extension-ontap/monitoring/rules.yaml; \
		$$promtool test rules config/monitoring/rules_test.yaml

##@ Build

.PHONY: supply-chain
supply-chain: $(TOOLS)/cyclonedx-gomod $(TOOLS)/govulncheck ## Fail if a program is not reproducible and static, or has a licence or a vulnerability that is not allowed (8 minutes).
	hack/check-supply-chain.sh

.PHONY: assets
assets: ## Build the programs that the landscape runs (kube-apiserver, etcd, gardener-resource-manager, gardener-apiserver; once, some minutes).
	bash hack/assets/build.sh

.PHONY: docker-image
docker-image: ## Build the container images IMAGE and IMAGE-admission (BUILDER_IMAGE and BASE_IMAGE choose what they are made from and of).
	for part in '' -admission; do docker build --build-arg VERSION='$(VERSION)' --build-arg COMMIT='$(COMMIT)' \
		$(foreach arg,BUILDER_IMAGE BASE_IMAGE,$(if $($(arg)),--build-arg $(arg)='$($(arg))')) \
		--target "gardener-extension-ontap$$part" --tag "$(IMAGE)$$part:$(VERSION)" .; done

.PHONY: clean
clean: ## Remove everything that make has built, assets and tools included.
	rm -rf .cache

# A file, so that a check that has changed nothing finds its results in Go's cache.
$(CHECKER): $(wildcard test/contract/*.go test/contract/go.* test/contract/cmd/*/*.go test/simulator/*.go)
	go build -C test/contract -o '$(CURDIR)/$@' ./cmd/ontap-contract
	@touch $@

# A file, and not one of the assets, since only dry-run needs it.
$(OLDEST): export GOWORK := off
$(OLDEST): hack/assets/oldest/go.mod hack/assets/oldest/go.sum
	@echo 'Building the kube-apiserver of the oldest Kubernetes (once, some minutes)'
	@version=$$(go list -C hack/assets/oldest -m -f '{{.Version}}' k8s.io/kubernetes); \
		IFS=. read -r major minor _ <<<"$${version#v}"; package=k8s.io/component-base/version; \
		go build -C hack/assets/oldest -trimpath -o '$(CURDIR)/$@' -ldflags "-s -w -X $$package.gitVersion=$$version \
		-X $$package.gitMajor=$$major -X $$package.gitMinor=$$minor" k8s.io/kubernetes/cmd/kube-apiserver
	@touch $@

# One tool at a time, so that check does not wait for helm.
$(TOOLS)/%: hack/tools/go.mod hack/tools/go.sum
	@echo 'Building $* from hack/tools (once)'
	@go build -C hack/tools -o '$(CURDIR)/$@' "$$(go list -C hack/tools tool | grep '/$*$$')"
	@touch $@

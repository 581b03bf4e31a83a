# make help lists the targets. .ci/run is what a change has to pass; the targets are for the time before that.
.DEFAULT_GOAL := help
.PHONY: help build test race lint fuzz golden bench instrument calibrate bisect-bench trials bisect-trials mutants check

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 16

build: ## build perfgate and the reference node into bin/
	go build -o bin/ ./cmd/...

test: ## run all tests
	go test ./...

race: ## run the short tests under the race detector
	@.ci/run race

lint: ## check the format, vet, run the linters
	@.ci/run format vet lint

fuzz: ## fuzz every fuzz function for some seconds
	@.ci/run fuzz

golden: ## write the golden files anew; look at the difference before you commit it
	@packages=$$(grep -rl --include='*_test.go' '"update"' cmd internal | xargs -r -n1 dirname | sort -u); \
	for package in $$packages; do go test "./$$package" -update || exit 1; done

bench: ## run the benchmarks, with allocations
	go test -run='^$$' -bench=. -benchmem -timeout=60m ./...

instrument: ## hold perfgate against a known truth, and say what it costs itself; needs Linux and ten minutes
	go test -run='^$$' -bench=. -benchtime=1x -timeout=60m ./internal/instrument

calibrate: ## hold verdicts against simulated pull requests: false alarms, power, intervals; needs an hour
	go run ./internal/calibration/calibrate internal/calibration/testdata/pair

bisect-bench: ## hold searches for a commit against simulated ranges, beside other ways to search; needs hours, see docs/BISECTION.md
	go run ./internal/calibration/bisections

trials: ## hold the gate against real networks, unchanged and made worse; needs Linux, root for turns, and hours, and goes on where it ended
	PERFGATE_TRIALS="$${PERFGATE_TRIALS:-$(CURDIR)/bin/trials}" go test -run='^$$' -bench='^Benchmark(UnchangedUnderLoad|Injected|Turns)$$' \
		-benchtime=1x -timeout=24h ./internal/instrument

bisect-trials: ## kill real searches and let them go on, and search real commits that are worse; needs Linux and half an hour, and goes on where it ended
	PERFGATE_BISECT_TRIALS="$${PERFGATE_BISECT_TRIALS:-$(CURDIR)/bin/bisect-trials}" go test -run='^$$' -bench='^Benchmark(Killed|Injected)Search$$' \
		-benchtime=1x -timeout=24h ./internal/instrument

mutants: ## change the code that decides, and list the changes that no test notices; needs two hours
	go -C tools/mutants build -o ../../bin/gremlins github.com/go-gremlins/gremlins/cmd/gremlins
	bin/gremlins unleash --config tools/mutants/gremlins.yaml ./internal/compare
	bin/gremlins unleash --config tools/mutants/gremlins.yaml ./internal/stat

check: build ## gate this repository: real networks of the reference node against baselines.toml
	bin/perfgate check

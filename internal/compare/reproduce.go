package compare

import (
	"slices"
	"strings"

	"github.com/communitas/perfgate/internal/result"
)

// reproduce warns when two builds of one commit gave different binaries: then a difference in size, or in anything else, may
// be the build's and not the change's. Within one invocation the checkout is the same whatever was uncommitted.
func (d *decider) reproduce() {
	head, base := d.in.Head, d.in.Base
	if n := different(head.Subject.Builds); n > 1 {
		d.warn("the build is not reproducible: %s of one checkout gave %d different binaries (%s)",
			count(len(head.Subject.Builds), "build"), n, strings.Join(hashes(head.Subject.Builds), ", "))
	}
	if base == nil || !sameBuild(base, head) {
		return
	}
	a, b := base.Subject.Builds, head.Subject.Builds
	if slices.ContainsFunc(a, func(hash string) bool { return slices.Contains(b, hash) }) {
		return
	}
	d.warn("the build is not reproducible: base and head are of one commit (%s) and toolchain, and their binaries differ (%s and %s)",
		short(head.Subject.Commit), short(a[0]), short(b[0]))
}

// sameBuild tells whether two invocations built the same thing with the same command on the same machine.
func sameBuild(base, head *result.Results) bool {
	of := func(r *result.Results) string { plan, _ := r.Scenario(""); return plan.Configuration }
	a, b := base.Subject, head.Subject
	return a.Name == b.Name && a.Commit == b.Commit && a.Commit != "" && !a.Dirty && !b.Dirty &&
		len(a.Builds) > 0 && len(b.Builds) > 0 &&
		base.Environment.Fingerprint == head.Environment.Fingerprint && head.Environment.Fingerprint != "" &&
		of(base) == of(head)
}

// different counts the different ones.
func different(all []string) int { return len(slices.Compact(slices.Sorted(slices.Values(all)))) }

// hashes are the different ones, shortened, in the order in which they came.
func hashes(all []string) []string {
	var seen []string
	for _, hash := range all {
		if hash = short(hash); !slices.Contains(seen, hash) {
			seen = append(seen, hash)
		}
	}
	return seen
}

// Package calibration proves perfgate's verdicts on simulated pull requests of which the truth is known: how often a change
// that is none is called regressed, how often one that is there is found, and whether intervals and the minimum detectable
// effect keep their word. The rules of other tools decide the same pull requests beside it.
//
//	make calibrate
//	go run ./internal/calibration/calibrate -help
//
// It does the same for searches: simulated ranges in which the commit that made a change is known, and other ways to search
// beside perfgate's.
//
//	make bisect-bench
//	go run ./internal/calibration/bisections -help
//
// docs/CALIBRATION.md and docs/BISECTION.md have the models, the tables that were printed, and where promises are missed.
// Everything is seeded: the same seed gives the same table, however many workers share the work. Nothing that perfgate ships
// may import it.
package calibration

// Package calibration proves perfgate's verdicts on simulated pull requests of which the truth is known: how often a change
// that is none is called regressed, how often one that is there is found, and whether intervals and the minimum detectable
// effect keep their word. The rules of other tools decide the same pull requests beside it.
//
//	make calibrate
//	go run ./internal/calibration/calibrate -help
//
// docs/CALIBRATION.md has the models, the table that it printed, and where promises are missed. Everything is seeded: the
// same seed gives the same table, however many workers share the work. Nothing that perfgate ships may import it.
package calibration

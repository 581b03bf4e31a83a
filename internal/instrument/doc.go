// Package instrument holds perfgate against a known truth: its tests and benchmarks have networks of nodes that do what a
// script says, machines under stress, and ends of every kind, and print how far figures are from what is so.
//
//	go test -run '^$' -bench . -benchtime 1x ./internal/instrument
//
// It has no code of its own. Nothing that perfgate ships may import it.
package instrument

// Package instrument holds perfgate against a known truth: networks of scripted nodes, which write down when they did what,
// machines under stress, and ends of every kind. Its benchmarks print how far figures lie from the truth, what is left of a
// measurement that was ended, and what measuring itself costs. Nothing is asserted of times; a network that could not be
// measured at all is an error.
//
//	make instrument
//	go test -run '^$' -bench . -benchtime 1x -timeout 60m ./internal/instrument
//
// Whole trials of real networks, of a program against itself and against one that was made worse, take hours. They are skipped
// without a folder in which each one that came to its end is kept, so that the next invocation goes on there:
//
//	make trials                                                        # in bin/trials
//	PERFGATE_TRIALS=folder PERFGATE_TRIALS_COUNT=6 make trials         # six of each
//	make bisect-trials                                                 # searches, in bin/bisect-trials
//
// It has no code of its own. Nothing that perfgate ships may import it.
package instrument

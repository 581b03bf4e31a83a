// Package archtest holds the rules of the house and the tests that keep them: floors with imports going down only, pure
// decisions, one home for each library, comments, and lengths. The tests read the sources of the module themselves and
// ask no go command, so that their cached answer falls with the files that it is about. house_test.go has the tables that
// a new package or library needs a row in.
package archtest

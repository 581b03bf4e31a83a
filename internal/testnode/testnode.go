// Package testnode has what the tests of perfgate need of a subject: two node programs, a way to build and start them, and
// the language in which a test tells a scripted node what to do.
//
//   - headless has the command line, the strict configuration, the order of starting up and the pages of communitas-headless,
//     over real QUIC: what perfgate meets in the field, faults included.
//   - scripted does what a [Script] says, at the times it says, and writes down in [TruthFile] when it did so: a known truth
//     for whatever measures it.
//
// A package that builds them cleans up behind itself through TestMain:
//
//	func TestMain(m *testing.M) { os.Exit(testnode.CleanUpAfter(m).Run()) }
//
// Nothing that perfgate ships may import this package.
package testnode

// Names of the programs that [Build] knows.
const (
	Headless = "headless"
	Scripted = "scripted"
)

// Environment variables that the scripted program reads.
const (
	// ScriptVariable has a script as JSON, or @ and the path of a file with one.
	ScriptVariable = "TESTNODE_SCRIPT"
	// IndexVariable has the node's index, from 0; the flag --index wins over it.
	IndexVariable = "TESTNODE_INDEX"
	// MeshVariable has a folder in which the nodes of one network find one another: each writes its control address into
	// a file there, and the values of their DHT lie there too. Without it a node is alone. It serves nodes with [Work].
	MeshVariable = "TESTNODE_MESH"
)

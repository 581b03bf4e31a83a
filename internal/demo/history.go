package demo

// commit is one commit of the story. What it adds is a word that the templates ask for.
type commit struct {
	name    string // how others and tags call it, "" when nobody does
	parents []string
	adds    string
	title   string
	tag     string
}

// culprit names the commit that makes every network dearer to form.
const culprit = "bind"

// story is the history in its order. A commit without parents follows the one before it.
func story() []commit {
	return []commit{
		{title: "Add a node that joins others"},
		{adds: "start", title: "docs: say how to start two nodes"},
		{adds: "peers", title: "pages: show the peers", tag: "v0.1.0"},
		{name: "timeout", adds: "timeout", title: "peers: give a hello ten seconds"},
		{name: "retry", adds: "retry", title: "peers: try a hello three times"},
		{name: "hello", parents: []string{"timeout"}, adds: "hello", title: "docs: tell how nodes meet"},
		{name: "version", adds: "version", title: "pages: show the version"},
		{parents: []string{"version", "retry"}, title: "Merge pull request #4 from demo/retry"},
		{name: "joined", adds: "joined", title: "peers: log who has joined"},
		{name: "file", adds: "file", title: "identity: move keys and proofs to a file of their own"},
		{name: culprit, adds: "bind", title: "identity: let a proof hold for one address"},
		{name: "proofs", adds: "proofs", title: "docs: explain proofs"},
		{parents: []string{"joined"}, adds: "uptime", title: "pages: show the uptime"}, // does not build
		{name: "mended", adds: "mended", title: "pages: import time"},
		{parents: []string{"mended", "proofs"}, title: "Merge pull request #7 from demo/proofs", tag: "v0.2.0"},
		{name: "sorted", adds: "sorted", title: "peers: tell them in order"},
		{adds: "levels", title: "log: add a level"},
		{name: "quiet", adds: "quiet", title: "log: be quiet unless asked"},
		{name: "typed", parents: []string{"sorted"}, adds: "typed", title: "pages: say what the metrics are"},
		{parents: []string{"typed", "quiet"}, title: "Merge pull request #9 from demo/log"},
		{adds: "rounds", title: "identity: say what the rounds are for"},
		{adds: "idle", title: "Close idle connections at the end"},
		{adds: "limit", title: "peers: read a megabyte of a hello at most"},
		{adds: "release", title: "docs: list the changes", tag: "v0.3.0"},
	}
}

// Package bisect finds the commit that changed a noisy measurement, with few builds and runs, an honest confidence, and
// without accusing an innocent one. It decides and measures nothing: a driver asks Search.Next what to build or run, does
// it, and tells the search what happened with Search.Apply, until Next says that it is done and Outcome has the answer.
// The events are the journal; applied again, they give the same search.
package bisect

package suite

import "slices"

// Listens tells whether the nodes of a scenario are told the address on which to listen, so that it is known from outside.
func (n Node) Listens(of Scenario) bool {
	told := func(template string) bool {
		return mentions(PlaceholderListen)(template) || mentions(PlaceholderListenPort)(template)
	}
	for _, value := range n.Env {
		if told(value) {
			return true
		}
	}
	return told(n.Config) || slices.ContainsFunc(n.Args, told) || slices.ContainsFunc(of.Args, told)
}

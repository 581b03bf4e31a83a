// Package actions holds the workflows to what they promise: a linter reads them, and a runner carries them out on this machine,
// offline, with stand-ins for the actions that only GitHub's machines can run.
package actions

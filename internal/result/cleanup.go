package result

// Cleanup is the proof that nothing of a run was left on the machine.
type Cleanup struct {
	// Method is how the processes of the run were held together: "cgroup" or "process_group".
	Method string `json:"method"`
	// Before, During and After are what there was of the run before the first launch, when the nodes were about to be
	// stopped, and after the end. An inventory that sees nothing during the run would prove nothing after it.
	Before Inventory `json:"before"`
	During Inventory `json:"during"`
	After  Inventory `json:"after"`
	// Killed counts the processes that were still there when every node had ended, and were killed: children of nodes.
	Killed int `json:"killed"`
}

// Inventory counts what there is of a run.
type Inventory struct {
	Processes   int `json:"processes"`
	Cgroups     int `json:"cgroups"`
	Ports       int `json:"ports"`       // of the nodes' ports those that are in use, TCP or UDP
	Directories int `json:"directories"` // entries of the nodes' folders that do not stay
}

// Empty tells whether there is nothing.
func (i Inventory) Empty() bool { return i == Inventory{} }

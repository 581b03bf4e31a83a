package suite

import "fmt"

// sensibleMesh is the number of nodes up to which every node may be expected to keep a connection to every other.
const sensibleMesh = 20

// Warnings says what is allowed and most likely not meant, a line each.
func (s *Suite) Warnings() []string {
	var all []string
	for _, sc := range s.Scenarios {
		if sc.Expect.Graph == FullMesh && sc.Nodes > sensibleMesh {
			all = append(all, fmt.Sprintf(
				"scenario %s: expect full_mesh among %d nodes means %d connections: above %d nodes, connected or min_peers=K is more sensible",
				sc.Name, sc.Nodes, sc.Nodes*(sc.Nodes-1)/2, sensibleMesh))
		}
		if sc.Quiet > sc.Duration {
			all = append(all, fmt.Sprintf(
				"scenario %s: a quiet period of %v does not fit into a steady window of %v: topology_convergence_time cannot be measured",
				sc.Name, sc.Quiet, sc.Duration))
		}
	}
	return all
}

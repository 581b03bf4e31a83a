package runner

// PortRange is the lowest and the highest port that may be chosen for a node.
func PortRange() (low, high int) { return lowestPort, highestPort }

// First returns where the first node of a network would listen now, and its control address, both as IP:PORT.
func (p *Ports) First() (listen, control string, err error) {
	addresses, err := p.take(1)
	if err != nil {
		return "", "", err
	}
	return join(addresses[0].listen), join(addresses[0].control), nil
}

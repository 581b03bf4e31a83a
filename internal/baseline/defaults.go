package baseline

// defaultTarget is a budget that holds where the file says nothing.
type defaultTarget struct {
	metric string
	// nodes is the size of the network that the budget is for, 0 for any.
	nodes int
	text  string
}

// defaultTargets are the budgets of the monitoring guide.
func defaultTargets() []defaultTarget {
	return []defaultTarget{
		{"formation_time", 2, "< 5s"},
		{"formation_time", 5, "< 30s"},
		{"discovery_success_rate", 0, ">= 100%"},
		{"average_peers", 5, ">= 4.0"},
		{"disconnections", 0, "= 0"},
		{"memory_per_node", 0, "< 100MB"},
		{"cpu_idle", 0, "< 10%"},
		{"cpu_load", 0, "< 50%"},
		{"bandwidth_utilisation", 0, "> 80%"},
		{"message_latency_p50", 0, "< 10ms"},
		{"throughput", 0, "> 10MB/s"},
		{"dht_put_latency_p50", 0, "< 100ms"},
		{"dht_get_latency_p50", 0, "< 100ms"},
		{"binary_size", 0, "< 50MB"},
		{"build_time", 0, "< 10min"},
	}
}

// findDefault returns the budget of a metric in a network of that many nodes, "" when there is none.
func findDefault(name string, nodes int) string {
	for _, d := range defaultTargets() {
		if d.metric == name && (d.nodes == 0 || d.nodes == nodes) {
			return d.text
		}
	}
	return ""
}

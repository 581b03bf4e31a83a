package metric

import "slices"

// Builtin returns the metrics that perfgate itself defines, in the order in which they are reported.
func Builtin() []Metric {
	return slices.Concat(formation(), resources(), logs(), communication(), builds())
}

func formation() []Metric {
	return []Metric{
		run("startup_time", Seconds, Lower, Continuous, L0, "from the first launch until every node is ready"),
		run("formation_time", Seconds, Lower, Continuous, L1, "from the first launch until the expected graph holds for every node"),
		run("formation_cpu", Seconds, Lower, Continuous, L1, "CPU time of all nodes until formed"),
		run("formation_success", Ratio, Higher, Success, L1, "runs formed / runs"),
		run("topology_convergence_time", Seconds, Lower, Continuous, L1, "from the first launch until the last change of any peer count before a quiet period"),
		run("discovery_success_rate", Ratio, Higher, Level, L1, "ordered pairs where one node knows the other within 60 s of its being ready"),
		run("average_peers", Peers, Higher, Level, L1, "time-weighted mean of peers over the steady window, mean over nodes"),
		run("disconnections", Count, Lower, Event, L1, "decreases of any node's peer count in the steady window"),
	}
}

func resources() []Metric {
	return []Metric{
		run("memory_private", Bytes, Lower, Continuous, L0, "private memory of a node: median over the steady window, mean over nodes"),
		run("memory_per_node", Bytes, Lower, Continuous, L0, "proportional set size (PSS) of a node, likewise").info(),
		run("memory_rss", Bytes, Lower, Continuous, L0, "resident set size of a node, likewise").info(),
		run("memory_peak", Bytes, Lower, Continuous, L0, "highest resident set size that a node reached, mean over nodes").info(),
		run("memory_slope", BytesPerSecond, Lower, Signed, L0, "Theil-Sen slope of PSS over the steady window, mean over nodes").info(),
		run("cpu_idle", Ratio, Lower, Continuous, L0, "share of one core that a node takes in the quiet steady window").info(),
		run("cpu_load", Ratio, Lower, Continuous, L3, "share of one core that a node takes under load").info(),
		run("cpu_per_message", Seconds, Lower, Continuous, L3, "CPU time of all nodes for each delivered message"),
		run("disk_write", BytesPerSecond, Lower, Level, L0, "bytes that a node sends to the disk, whole pages"),
		run("network_bytes", BytesPerSecond, Lower, Continuous, L3, "bytes that a node puts on the wire"),
		run("network_efficiency", Ratio, Higher, Level, L3, "payload delivered / bytes on the wire"),
		run("bandwidth_utilisation", Ratio, Higher, Level, L3, "throughput / configured link rate"),
	}
}

func logs() []Metric {
	return []Metric{
		run("log_errors", Count, Lower, Event, L0, "log lines with ERROR or panic").info(),
		run("log_warnings", Count, Lower, Event, L0, "log lines with WARN").info(),
		run("log_slow", Count, Lower, Event, L0, "log lines with slow, timeout or exceeded").info(),
	}
}

func communication() []Metric {
	return []Metric{
		run("message_latency_p50", Seconds, Lower, Continuous, L3, "publish until received, median over messages and receivers"),
		run("message_latency_p99", Seconds, Lower, Continuous, L3, "publish until received, 99th percentile").info(),
		run("message_spread_50", Seconds, Lower, Continuous, L3, "publish until half of the other nodes have it, median over messages").info(),
		run("message_spread_90", Seconds, Lower, Continuous, L3, "publish until 90 % of the other nodes have it, median over messages").info(),
		run("message_spread_100", Seconds, Lower, Continuous, L3, "publish until all other nodes have it, median over messages").info(),
		run("message_delivery", Ratio, Higher, Level, L3, "deliveries / expected deliveries"),
		run("throughput", BytesPerSecond, Higher, Continuous, L3, "payload of one stream between two nodes"),
		run("dht_put_latency_p50", Seconds, Lower, Continuous, L3, "DHT put, median"),
		run("dht_put_latency_p99", Seconds, Lower, Continuous, L3, "DHT put, 99th percentile").info(),
		run("dht_get_latency_p50", Seconds, Lower, Continuous, L3, "DHT get through other nodes, median"),
		run("dht_get_latency_p99", Seconds, Lower, Continuous, L3, "DHT get through other nodes, 99th percentile").info(),
		run("dht_get_local_latency_p50", Seconds, Lower, Continuous, L3, "DHT get at the node that put the record, median").info(),
		run("dht_success", Ratio, Higher, Level, L3, "DHT operations that succeeded / issued"),
		run("quic_reachable", Ratio, Higher, Level, L0, "nodes whose listen port answers a QUIC packet / nodes"),
		run("quic_response_time", Seconds, Lower, Continuous, L0, "version negotiation of QUIC at a node's listen port, median over nodes and looks").info(),
		run("quic_connect_time", Seconds, Lower, Continuous, L3, "dial until the handshake is confirmed, fresh connection"),
	}
}

func builds() []Metric {
	size := run("binary_size", Bytes, Lower, Exact, L0, "bytes of the subject's file").build()
	size.Tolerance = ExactTolerance
	return []Metric{
		size,
		run("build_time", Seconds, Lower, Continuous, L0, "wall time of the build").build(),
		run("build_cpu_time", Seconds, Lower, Continuous, L0, "user and system time of the build").build(),
		run("build_memory_peak", Bytes, Lower, Continuous, L0, "most resident memory of any single process of the build").build().info(),
	}
}

func run(name string, unit Unit, better Direction, kind Kind, level int, about string) Metric {
	return Metric{
		Name: name, Unit: unit, Better: better, Kind: kind, Level: level, About: about,
		Policy: Block, Tolerance: DefaultTolerance,
	}
}

func (m Metric) info() Metric  { m.Policy = Info; return m }
func (m Metric) build() Metric { m.Origin = FromBuild; return m }

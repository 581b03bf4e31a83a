package measure

import (
	"math"

	"github.com/communitas/perfgate/internal/metric"
	"github.com/communitas/perfgate/internal/result"
)

// Metrics measures every metric that a run can have: the built-in ones, then those of the configuration. Each is there
// once, with a value or with the reason for having none.
func (n *Network) Metrics() []result.Measurement {
	fault := n.gaugeFault()
	var all []result.Measurement
	for _, m := range metric.Builtin() {
		if m.Origin != metric.FromRun {
			continue
		}
		measured := n.measure(m)
		if m.Level == metric.L1 { // all of these rest on the peer gauge
			measured = overrule(measured, fault)
		}
		all = append(all, overrule(measured, n.Failure))
	}
	for _, c := range n.Node.Custom {
		all = append(all, overrule(n.custom(c.Metric), n.Failure))
	}
	return all
}

// overrule applies a reason not to believe a measurement, "" when there is none. The first such reason stays.
func overrule(m result.Measurement, reason string) result.Measurement {
	if m.Status == result.Measured && (math.IsNaN(m.Value) || math.IsInf(m.Value, 0)) {
		m = result.Failure(m.Metric, "the value is no finite number")
	}
	switch {
	case reason == "":
	case m.Status == result.Measured && m.Invalid == "":
		m.Invalid = reason
	case m.Status == result.Failed:
		m.Reason = reason
	}
	return m
}

func (n *Network) measure(m metric.Metric) result.Measurement {
	if m.Level > n.Level {
		return result.Unmeasurable(m, "node offers "+LevelName(n.Level))
	}
	switch m.Name {
	case "startup_time":
		return n.startup(m)
	case "formation_time":
		return n.formation(m)
	case "formation_cpu":
		return n.formationCPU(m)
	case "formation_success":
		return n.formationSuccess(m)
	case "topology_convergence_time":
		return n.convergence(m)
	case "discovery_success_rate":
		return n.discovery(m)
	case "log_errors", "log_warnings", "log_slow":
		return n.logLines(m)
	case "quic_reachable", "quic_response_time": // also where there is no steady window: that is no fault of QUIC's
		return n.quic(m)
	}
	if reason := n.noSteady(); reason != "" {
		return result.Failure(m, reason)
	}
	return n.measureSteady(m)
}

// noSteady says why there is no steady window, "" when there is one.
func (n *Network) noSteady() string {
	switch {
	case n.offersGauge() && !n.Formed:
		return n.notFormed()
	case n.SteadyTo <= n.SteadyFrom:
		return "there was no steady window"
	}
	return ""
}

// measureSteady measures what is taken over the steady window.
func (n *Network) measureSteady(m metric.Metric) result.Measurement {
	switch m.Name {
	case "average_peers":
		return n.averagePeers(m)
	case "disconnections":
		return n.disconnections(m)
	case "memory_private":
		return n.memory(m, func(x Memory) float64 { return x.Private })
	case "memory_per_node":
		return n.memory(m, func(x Memory) float64 { return x.PSS })
	case "memory_rss":
		return n.memory(m, func(x Memory) float64 { return x.RSS })
	case "memory_peak":
		return n.memoryPeak(m)
	case "memory_slope":
		return n.memorySlope(m)
	case "cpu_idle":
		return n.cpuIdle(m)
	case "disk_write":
		return n.diskWrite(m)
	}
	return n.measureLoad(m)
}

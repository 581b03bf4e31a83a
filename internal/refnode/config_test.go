package refnode

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var comparePrefixes = cmpopts.EquateComparable(netip.Prefix{})

func TestParseConfig(t *testing.T) {
	tests := []struct {
		name, text string
		change     func(*Config)
	}{
		{"empty is the defaults", "", func(*Config) {}},
		{"every key", `
min_peers = 8
parallel_dials = 4
idle_timeout_ms = 2500
topic = "measure"
allow = ["10.0.0.0/8", "fd00::/8"]
[fault]
ballast_bytes = 2_000_000
cpu_burn_ratio = 0.25
accept_delay_ms = 50
startup_delay_ms = 20
message_delay_ms = 1
message_drop_ratio = 0.5
dht_delay_ms = 3
transfer_delay_ms = 4
leak_bytes_per_second = 5000
drop_peer_every_ms = 6
`, func(c *Config) {
			*c = Config{
				MinPeers: 8, ParallelDials: 4, IdleTimeoutMS: 2500, Topic: "measure",
				Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")},
				Fault: Fault{BallastBytes: 2_000_000, CPUBurnRatio: 0.25, AcceptDelayMS: 50, StartupDelayMS: 20,
					MessageDelayMS: 1, MessageDropRatio: 0.5, DHTDelayMS: 3, TransferDelayMS: 4, LeakBytesPerSecond: 5000, DropPeerEveryMS: 6},
			}
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			want := DefaultConfig()
			test.change(&want)
			got, err := ParseConfig(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got, comparePrefixes); diff != "" {
				t.Errorf("configuration (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseConfigRefuses(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"syntax", "\nmin_peers =", "line 2"},
		{"wrong type", `min_peers = "all"`, "min_peers"},
		{"negative peers", "min_peers = -1", "min_peers = -1: must be 0 (all) or more"},
		{"no dials", "parallel_dials = 0", "parallel_dials = 0: must be 1..64"},
		{"impatient", "idle_timeout_ms = 10", "idle_timeout_ms = 10: must be 1000..600000"},
		{"no topic", `topic = ""`, "topic: must not be empty"},
		{"not a network", `allow = ["10.0.0.1"]`, "10.0.0.1"},
		{"empty network", `allow = [""]`, "allow: not a network"},
		{"negative ballast", "fault.ballast_bytes = -1", "fault.ballast_bytes = -1: must be 0"},
		{"burn of two cores", "fault.cpu_burn_ratio = 2.0", "fault.cpu_burn_ratio = 2: must be 0..1"},
		{"burn of no number", "fault.cpu_burn_ratio = nan", "fault.cpu_burn_ratio = NaN: must be 0..1"},
		{"accept never", "fault.accept_delay_ms = 100000", "fault.accept_delay_ms = 100000: must be 0..60000"},
		{"start before now", "fault.startup_delay_ms = -5", "fault.startup_delay_ms = -5: must be 0..60000"},
		{"message before now", "fault.message_delay_ms = -1", "fault.message_delay_ms = -1: must be 0..60000"},
		{"more dropped than sent", "fault.message_drop_ratio = 1.5", "fault.message_drop_ratio = 1.5: must be 0..1"},
		{"transfer never", "fault.transfer_delay_ms = 60001", "fault.transfer_delay_ms = 60001: must be 0..60000"},
		{"a leak of everything", "fault.leak_bytes_per_second = 2_000_000_000", "fault.leak_bytes_per_second = 2000000000: must be 0"},
		{"a drop before now", "fault.drop_peer_every_ms = -1", "fault.drop_peer_every_ms = -1: must be 0..60000"},
		{"DHT never", "fault.dht_delay_ms = 60001", "fault.dht_delay_ms = 60001: must be 0..60000"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			config, err := ParseConfig(test.text)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
			if diff := cmp.Diff(Config{}, config, comparePrefixes); diff != "" {
				t.Errorf("configuration beside an error (-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseConfigNamesUnknownKeys(t *testing.T) {
	_, err := ParseConfig("max_peers = 3\n[fault]\nballast = 5\n[network]\n")
	unknown, ok := errors.AsType[*UnknownKeyError](err)
	if !ok {
		t.Fatalf("error %v, want an UnknownKeyError", err)
	}
	if diff := cmp.Diff([]string{"max_peers", "fault.ballast", "network"}, unknown.Keys); diff != "" {
		t.Errorf("keys (-want +got):\n%s", diff)
	}
}

func FuzzParseConfig(f *testing.F) {
	f.Add("")
	f.Add("min_peers = 8\nallow = [\"10.0.0.0/8\"]\n[fault]\ncpu_burn_ratio = 0.5")
	f.Add("unknown = 1")
	f.Fuzz(func(t *testing.T, text string) {
		config, err := ParseConfig(text)
		if err == nil {
			if err := config.validate(); err != nil {
				t.Errorf("accepted an invalid configuration: %v", err)
			}
			return
		}
		if diff := cmp.Diff(Config{}, config, comparePrefixes); diff != "" {
			t.Errorf("configuration beside an error (-want +got):\n%s", diff)
		}
	})
}

func TestFaultEnv(t *testing.T) {
	env := map[string]string{
		"REFNODE_FAULT_BALLAST_BYTES": "4096", "REFNODE_FAULT_CPU_BURN_RATIO": "0.5",
		"REFNODE_FAULT_ACCEPT_DELAY_MS": "30", "REFNODE_FAULT_STARTUP_DELAY_MS": "40",
		"REFNODE_FAULT_MESSAGE_DELAY_MS": "5", "REFNODE_FAULT_MESSAGE_DROP_RATIO": "0.25", "REFNODE_FAULT_DHT_DELAY_MS": "6",
		"REFNODE_FAULT_TRANSFER_DELAY_MS": "7", "REFNODE_FAULT_LEAK_BYTES_PER_SECOND": "8", "REFNODE_FAULT_DROP_PEER_EVERY_MS": "9",
	}
	fault := Fault{BallastBytes: 1}
	if err := fault.ApplyEnv(func(name string) string { return env[name] }); err != nil {
		t.Fatal(err)
	}
	want := Fault{BallastBytes: 4096, CPUBurnRatio: 0.5, AcceptDelayMS: 30, StartupDelayMS: 40,
		MessageDelayMS: 5, MessageDropRatio: 0.25, DHTDelayMS: 6, TransferDelayMS: 7, LeakBytesPerSecond: 8, DropPeerEveryMS: 9}
	if diff := cmp.Diff(want, fault); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}

	for _, name := range FaultEnv() {
		for value, want := range map[string]string{"much": "not a number", "-3": "must be 0"} {
			var fault Fault
			err := fault.ApplyEnv(func(asked string) string {
				if asked == name {
					return value
				}
				return ""
			})
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s=%s: error %v, want one with %q", name, value, err, want)
			}
		}
	}
}

func TestAcceptDelayHoldsIncomingConnectionsBack(t *testing.T) {
	slow := testOptions()
	slow.Config.Fault.AcceptDelayMS = 60_000
	bootstrap := start(t, slow)
	joiner := start(t, testOptions(bootstrap))
	await(t, "the joiner's end of the connection", func() bool { return len(joiner.Peers()) == 1 })
	if diff := cmp.Diff([]string{}, bootstrap.Peers()); diff != "" {
		t.Errorf("peers of the node that delays (-want +got):\n%s", diff)
	}
	stop(t, bootstrap) // at once, though a connection still waits
}

func TestBallastIsWritten(t *testing.T) {
	memory := Fault{BallastBytes: 3*4096 + 1}.ballast()
	touched := 0
	for _, b := range memory {
		touched += int(b)
	}
	if len(memory) != 3*4096+1 || touched != 4 {
		t.Errorf("%d bytes in %d touched pages, want 12289 in 4", len(memory), touched)
	}
}

package suite_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/communitas/perfgate/internal/suite"
)

func tagged() *suite.Suite {
	return &suite.Suite{
		Scenarios:  []suite.Scenario{{Name: "quick", Tags: []string{"pr"}}, {Name: "standard", Tags: []string{"full"}}, {Name: "hidden"}},
		Benchmarks: []suite.Benchmark{{Name: "codec", Tags: []string{"pr", "full"}}, {Name: "hash", Tags: []string{"night"}}},
	}
}

func TestSelect(t *testing.T) {
	for _, tc := range []struct {
		name                    string
		names, benchmarks, tags []string
		want                    string
	}{
		{"nothing given takes pr", nil, nil, nil, "quick codec"},
		{"by tag", nil, nil, []string{"full"}, "standard codec"},
		{"by several tags, in the order of the file", nil, nil, []string{"night", "pr"}, "quick codec hash"},
		{"by name", []string{"standard"}, nil, nil, "standard"},
		{"by names in the order of the file, once", []string{"hidden", "quick", "hidden"}, nil, nil, "quick hidden"},
		{"a benchmark by name", nil, []string{"hash"}, nil, "hash"},
		{"a name wins over a tag", []string{"quick"}, []string{"hash"}, []string{"full"}, "quick hash"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			all := tagged()
			got, err := all.Select(tc.names, tc.benchmarks, tc.tags)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, sc := range got.Scenarios {
				names = append(names, sc.Name)
			}
			for _, b := range got.Benchmarks {
				names = append(names, b.Name)
			}
			if strings.Join(names, " ") != tc.want {
				t.Errorf("got %q, want %q", names, tc.want)
			}
			if diff := cmp.Diff(tagged(), all); diff != "" {
				t.Errorf("the whole suite changed: %s", diff)
			}
		})
	}
}

func TestSelectRefusesWhatIsNotThere(t *testing.T) {
	for _, tc := range []struct {
		name                    string
		suite                   *suite.Suite
		names, benchmarks, tags []string
		want                    string
	}{
		{"scenario", tagged(), []string{"standrad"}, nil, nil, `no scenario "standrad" in the suite (did you mean standard? there are: quick, standard, hidden)`},
		{"both kinds", tagged(), []string{"x"}, []string{"y"}, nil, "no scenario \"x\" in the suite (there are: quick, standard, hidden)\nno benchmark \"y\" in the suite (there are: codec, hash)"},
		{"one of two tags", tagged(), nil, nil, []string{"pr", "weekly"}, `no tag "weekly" in the suite (there are: full, night, pr)`},
		{"the default tag", &suite.Suite{Scenarios: []suite.Scenario{{Name: "a", Tags: []string{"full"}}}}, nil, nil, nil, `no tag "pr" in the suite (there are: full)`},
		{"benchmark of none", &suite.Suite{}, nil, []string{"y"}, nil, `no benchmark "y" in the suite (there is none)`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := tc.suite.Select(tc.names, tc.benchmarks, tc.tags)
			if err == nil || got != nil || err.Error() != tc.want {
				t.Errorf("got %v, %v\nwant %s", got, err, tc.want)
			}
		})
	}
}

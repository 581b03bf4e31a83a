package result_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/communitas/perfgate/internal/result"
)

func TestValidateRefusesAnAnatomyThatCannotBe(t *testing.T) {
	part := func(bytes int64) result.Part { return result.Part{Kind: result.PartGo, Name: "main", Bytes: bytes} }
	many := make([]result.Part, result.MaxGroups+1)
	for _, tc := range []struct {
		name, want string
		anatomy    *result.Anatomy
	}{
		{"none", "", nil},
		{"no parts, with a reason", "", &result.Anatomy{Bytes: 10, Reason: "this is a script"}},
		{"parts that make the whole", "", &result.Anatomy{Bytes: 10, Sections: []result.Part{part(10)}, Groups: []result.Part{part(4), part(6)}}},
		{"fewer bytes than none", "subject: anatomy: a file of -1 bytes", &result.Anatomy{Bytes: -1}},
		{"a part of less than nothing", `subject: anatomy: part "main" has -1 bytes, which is more than there is`, &result.Anatomy{Bytes: 10, Groups: []result.Part{part(-1), part(11)}}},
		{"parts that are too large", `subject: anatomy: part "main" has 6 bytes, which is more than there is`, &result.Anatomy{Bytes: 10, Sections: []result.Part{part(5), part(6)}}},
		{"parts that leave something out", "subject: anatomy: 1 of 10 bytes are in no part", &result.Anatomy{Bytes: 10, Groups: []result.Part{part(9)}}},
		{"too many", fmt.Sprintf("subject: anatomy: 0 sections and %d groups are too many", len(many)), &result.Anatomy{Groups: many}},
		{"a name that is too long", "subject: anatomy: the name of a part is longer than 200 bytes", &result.Anatomy{Bytes: 1, Groups: []result.Part{{Name: strings.Repeat("x", 201), Bytes: 1}}}},
		{"a reason that is too long", "subject: anatomy: a text is too long", &result.Anatomy{Reason: strings.Repeat("x", 1<<20)}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			r := example(t)
			r.Subject.Anatomy = tc.anatomy
			if err := r.Validate(); (err == nil) != (tc.want == "") || err != nil && err.Error() != tc.want {
				t.Errorf("got %v, want %q", err, tc.want)
			}
		})
	}
}

package hunt

import (
	"context"
	"fmt"
	"slices"

	"github.com/communitas/perfgate/internal/bisect"
	"github.com/communitas/perfgate/internal/gitrepo"
)

// skipped is why a commit is not measured that the caller wants to be gone round.
const skipped = "skipped, as was asked for"

// skipping are the SHAs of all commits to go round: those of the hunt, and those of the plan besides.
func (r record) skipping(ctx context.Context, plan Plan) ([]string, error) {
	all := slices.Clone(r.Skip)
	for _, revision := range plan.Skip {
		commit, err := gitrepo.Resolve(ctx, plan.Project, revision)
		if err != nil {
			return nil, err
		}
		if commit.SHA == r.Good || commit.SHA == r.Bad {
			return nil, &UnfitError{fmt.Sprintf("%s is an end of the range, and both ends have to be measured", revision), "choose another end in its place"}
		}
		if !slices.Contains(all, commit.SHA) {
			all = append(all, commit.SHA)
		}
	}
	return all, nil
}

// skip tells the search of the commits to go round. The journal has it, so that a replay gives the same.
func (s *searching) skip() error {
	over := s.search.Next().Action == bisect.Done && s.search.Halted() == ""
	for _, sha := range s.hunt.record.Skip {
		told := slices.ContainsFunc(s.journal.events, func(e bisect.Event) bool { return e.Type == bisect.Broken && e.Commit == sha })
		if _, within := s.commits[sha]; over || told || !within {
			continue
		}
		if err := s.happened(bisect.Event{Type: bisect.Broken, Commit: sha, Reason: skipped}); err != nil {
			return err
		}
	}
	return nil
}

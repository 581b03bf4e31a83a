package doctor

import (
	"context"
	"errors"
	"os/exec"

	"github.com/communitas/perfgate/internal/gitrepo"
)

// checkGit looks for git and for the repository of the project, which a trial and a search need: both measure commits.
func checkGit(ctx context.Context, project string) outcome {
	const cost = "check --against and bisect do not work, and results do not say of which commit they are"
	checkout, err := gitrepo.OpenCheckout(ctx, project)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return doubtful("git is not installed", "check --against and bisect do not work", "install git "+gitrepo.LeastVersion+" or later")
	case errors.Is(err, gitrepo.ErrNoRepository):
		return lacking(project+" is in no git repository", cost, "work in a clone of the project, or: git init")
	case err != nil:
		return doubtful(err.Error(), cost, "do what git's words say")
	}
	shallow, err := checkout.Shallow(ctx)
	switch {
	case err != nil:
		return doubtful(err.Error(), cost, "")
	case shallow:
		return lacking("a shallow clone in "+checkout.Top, "check --against and bisect do not find commits that are not in it", gitrepo.Deepen)
	}
	return fine("the repository in " + checkout.Top)
}

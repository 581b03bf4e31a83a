package githubfake

import "net/http"

// routes are the operations that perfgate uses, each as in GitHub's description.
func routes() []operation {
	const repo = "/repos/{owner}/{repo}"
	return []operation{
		{http.MethodGet, "/user", "", (*call).whoAmI},

		{http.MethodPost, repo + "/check-runs", "checks", (*call).createCheck},
		{http.MethodGet, repo + "/check-runs/{check_run_id}", "", (*call).getCheck},
		{http.MethodPatch, repo + "/check-runs/{check_run_id}", "checks", (*call).updateCheck},
		{http.MethodGet, repo + "/check-runs/{check_run_id}/annotations", "", (*call).listAnnotations},
		{http.MethodGet, repo + "/commits/{ref}/check-runs", "", (*call).listChecks},

		{http.MethodPost, repo + "/statuses/{sha}", "statuses", (*call).createStatus},
		{http.MethodGet, repo + "/commits/{ref}/statuses", "", (*call).listStatuses},

		{http.MethodGet, repo + "/issues", "", (*call).listIssues},
		{http.MethodPost, repo + "/issues", "issues", (*call).createIssue},
		{http.MethodGet, repo + "/issues/{issue_number}", "", (*call).getIssue},
		{http.MethodPatch, repo + "/issues/{issue_number}", "issues", (*call).updateIssue},
		{http.MethodGet, repo + "/issues/{issue_number}/comments", "", (*call).listComments},
		{http.MethodPost, repo + "/issues/{issue_number}/comments", "issues", (*call).createComment},
		{http.MethodPatch, repo + "/issues/comments/{comment_id}", "issues", (*call).updateComment},
		{http.MethodDelete, repo + "/issues/comments/{comment_id}", "issues", (*call).deleteComment},

		{http.MethodGet, repo + "/pulls", "", (*call).listPulls},
		{http.MethodPost, repo + "/pulls", "pulls", (*call).createPull},
		{http.MethodGet, repo + "/pulls/{pull_number}", "", (*call).getPull},
		{http.MethodPatch, repo + "/pulls/{pull_number}", "pulls", (*call).updatePull},
		{http.MethodGet, repo + "/pulls/{pull_number}/files", "", (*call).listPullFiles},
		{http.MethodGet, repo + "/commits/{commit_sha}/pulls", "", (*call).listCommitPulls},

		{http.MethodGet, repo + "/git/ref/{ref}", "", (*call).getRef},
		{http.MethodPost, repo + "/git/refs", "contents", (*call).createRef},
		{http.MethodPatch, repo + "/git/refs/{ref}", "contents", (*call).updateRef},
		{http.MethodGet, repo + "/git/commits/{commit_sha}", "", (*call).getGitCommit},
		{http.MethodPost, repo + "/git/commits", "contents", (*call).createCommit},
		{http.MethodPost, repo + "/git/trees", "contents", (*call).createTree},

		{http.MethodGet, repo + "/commits/{ref}", "", (*call).getCommit},
		{http.MethodGet, repo + "/compare/{basehead}", "", (*call).compareCommits},
		{http.MethodGet, repo + "/contents/{path}", "", (*call).getContents},

		{http.MethodGet, repo + "/actions/runs/{run_id}/artifacts", "", (*call).listArtifacts},
		{http.MethodGet, repo + "/actions/artifacts/{artifact_id}/{archive_format}", "", (*call).downloadArtifact},
	}
}

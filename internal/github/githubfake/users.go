package githubfake

import (
	"maps"
	"net/http"
	"strings"
)

func (c *call) whoAmI() answer {
	switch {
	case c.account == nil:
		return refuse(http.StatusUnauthorized, "Requires authentication")
	case c.account.App:
		return refuse(http.StatusForbidden, "Resource not accessible by integration")
	}
	shown := c.showUser(c.account.Login)
	maps.Copy(shown, object{
		"user_view_type": "public", "bio": nil, "blog": nil, "company": nil, "email": nil, "followers": 0, "following": 0, "hireable": nil, "location": nil, "name": nil,
		"public_gists": 0, "public_repos": 1, "created_at": c.now(), "updated_at": c.now(),
	})
	return ok(shown)
}

// showUser is GitHub's simple user. A login that ends in [bot] is an app.
func (c *call) showUser(login string) object {
	kind, id := "User", int64(0)
	if strings.HasSuffix(login, "[bot]") {
		kind = "Bot"
	}
	for _, letter := range login {
		id = (id*31 + int64(letter)) % 1000003
	}
	api := c.server.URL + "/users/" + login
	return object{
		"login": login, "id": id + 1, "node_id": node("U", id+1), "avatar_url": "https://github.example/avatars", "gravatar_id": "", "url": api,
		"html_url": "https://github.example/" + login, "followers_url": api + "/followers", "following_url": api + "/following{/other_user}",
		"gists_url": api + "/gists{/gist_id}", "starred_url": api + "/starred{/owner}{/repo}", "subscriptions_url": api + "/subscriptions",
		"organizations_url": api + "/orgs", "repos_url": api + "/repos", "events_url": api + "/events{/privacy}",
		"received_events_url": api + "/received_events", "type": kind, "site_admin": false,
	}
}

// showRepository is GitHub's whole repository.
func (c *call) showRepository(owner, name string, fork bool) object {
	id := int64(1)
	if fork {
		id = 2
	}
	at := c.server.URL + "/repos/" + owner + "/" + name
	page := "https://github.example/" + owner + "/" + name
	shown := object{
		"id": id, "node_id": node("R", id), "name": name, "full_name": owner + "/" + name, "owner": c.showUser(owner), "private": false,
		"description": nil, "fork": fork, "url": at, "html_url": page, "clone_url": page + ".git", "git_url": "git:" + page, "ssh_url": "git@" + page,
		"svn_url": page, "mirror_url": nil, "homepage": nil, "language": nil, "license": nil, "default_branch": c.repo.DefaultBranch,
		"size": 1, "archived": false, "disabled": false, "visibility": "public",
		"pushed_at": c.now(), "created_at": c.now(), "updated_at": c.now(),
	}
	for _, count := range []string{"forks", "forks_count", "open_issues", "open_issues_count", "stargazers_count", "watchers", "watchers_count"} {
		shown[count] = 0
	}
	for _, has := range []string{"has_downloads", "has_issues", "has_projects", "has_wiki", "has_pages"} {
		shown[has] = true
	}
	for _, part := range []string{
		"archive", "assignees", "blobs", "branches", "collaborators", "comments", "commits", "compare", "contents", "contributors", "deployments",
		"downloads", "events", "forks", "git_commits", "git_refs", "git_tags", "hooks", "issue_comment", "issue_events", "issues", "keys", "labels",
		"languages", "merges", "milestones", "notifications", "pulls", "releases", "stargazers", "statuses", "subscribers", "subscription", "tags",
		"teams", "trees",
	} {
		shown[part+"_url"] = at + "/" + part
	}
	return shown
}

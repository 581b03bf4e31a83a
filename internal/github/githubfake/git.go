package githubfake

import (
	"crypto/sha1" //nolint:gosec // as git does
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
)

// hashOf names a thing by its contents. It is no hash of git's: nobody can tell from outside.
func hashOf(kind string, content any) string {
	text, err := json.Marshal(content)
	if err != nil {
		return ""
	}
	sum := sha1.Sum(append([]byte(kind+"\x00"), text...))
	return hex.EncodeToString(sum[:])
}

func treeSHA(files Files) string {
	if files == nil {
		files = Files{}
	}
	return hashOf("tree", files)
}

// CommitSHA is the SHA that the fake gives to a commit which does not bring its own.
func CommitSHA(c Commit) string {
	return hashOf("commit", []any{c.Parents, c.Message, treeSHA(c.Files), c.Time.Unix()})
}

func (c *call) getRef() answer {
	branch, ok := strings.CutPrefix(c.request.PathValue("ref"), "heads/")
	sha := c.repo.Branches[branch]
	if !ok || sha == "" {
		return notFound()
	}
	return answer{status: http.StatusOK, body: c.showRef(branch, sha)}
}

func (c *call) showRef(branch, sha string) object {
	return object{
		"ref": "refs/heads/" + branch, "node_id": node("REF", 1), "url": c.url("/git/refs/heads/%s", branch),
		"object": object{"type": "commit", "sha": sha, "url": c.url("/git/commits/%s", sha)},
	}
}

func (c *call) createRef() answer {
	var r struct{ Ref, SHA string }
	if !c.decode(&r) {
		return refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	branch, isBranch := strings.CutPrefix(r.Ref, "refs/heads/")
	switch {
	case !isBranch:
		return refuse(http.StatusUnprocessableEntity, "Reference name must be fully qualified and begin with 'refs/'")
	case c.repo.commit(r.SHA) == nil:
		return refuse(http.StatusUnprocessableEntity, "Object does not exist")
	case c.repo.Branches[branch] != "":
		return refuse(http.StatusUnprocessableEntity, "Reference already exists")
	}
	c.repo.Branches[branch] = r.SHA
	return created(c.showRef(branch, r.SHA))
}

func (c *call) updateRef() answer {
	var r struct {
		SHA   string
		Force bool
	}
	branch := strings.TrimPrefix(c.request.PathValue("ref"), "heads/")
	switch {
	case !c.decode(&r):
		return refuse(http.StatusBadRequest, "Problems parsing JSON")
	case c.repo.Branches[branch] == "":
		return refuse(http.StatusUnprocessableEntity, "Reference does not exist")
	case c.repo.commit(r.SHA) == nil:
		return refuse(http.StatusUnprocessableEntity, "Object does not exist")
	case !r.Force && !slices.Contains(c.repo.commit(r.SHA).Parents, c.repo.Branches[branch]):
		return refuse(http.StatusUnprocessableEntity, "Update is not a fast forward")
	}
	c.repo.Branches[branch] = r.SHA
	return ok(c.showRef(branch, r.SHA))
}

func (c *call) createTree() answer {
	var r struct {
		BaseTree string `json:"base_tree"`
		Tree     []struct {
			Path, Mode, Type, Content string
		}
	}
	if !c.decode(&r) {
		return refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	files := Files{}
	if r.BaseTree != "" {
		base, ok := c.repo.Trees[r.BaseTree]
		if !ok {
			return refuse(http.StatusNotFound, "Not Found")
		}
		files = maps.Clone(base)
		if files == nil {
			files = Files{}
		}
	}
	for _, e := range r.Tree {
		if e.Path == "" || strings.HasPrefix(e.Path, "/") || strings.Contains(e.Path, "..") || e.Mode != "100644" || e.Type != "blob" {
			return refuse(http.StatusUnprocessableEntity, "tree.path contains a malformed path component")
		}
		files[e.Path] = e.Content
	}
	sha := treeSHA(files)
	c.repo.Trees[sha] = files
	shown := []object{}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		shown = append(shown, object{
			"path": path, "mode": "100644", "type": "blob", "sha": hashOf("blob", files[path]), "size": len(files[path]), "url": c.url("/git/blobs/%s", hashOf("blob", files[path])),
		})
	}
	return created(object{"sha": sha, "url": c.url("/git/trees/%s", sha), "truncated": false, "tree": shown})
}

func (c *call) createCommit() answer {
	var r struct {
		Message, Tree string
		Parents       []string
	}
	if !c.decode(&r) {
		return refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	files, ok := c.repo.Trees[r.Tree]
	if !ok {
		return refuse(http.StatusUnprocessableEntity, "Tree SHA does not exist")
	}
	for _, parent := range r.Parents {
		if c.repo.commit(parent) == nil {
			return refuse(http.StatusUnprocessableEntity, "Parent SHA does not exist or is not a commit object")
		}
	}
	made := Commit{Parents: r.Parents, Message: r.Message, Files: files, Time: c.server.options.Now()}
	made.SHA = CommitSHA(made)
	if c.repo.commit(made.SHA) == nil {
		c.repo.Commits = append(c.repo.Commits, &made)
	}
	return created(c.showGitCommit(&made))
}

func (c *call) getGitCommit() answer {
	if found := c.repo.commit(c.request.PathValue("commit_sha")); found != nil {
		return ok(c.showGitCommit(found))
	}
	return notFound()
}

func (c *call) showGitCommit(k *Commit) object {
	by := object{"name": "GitHub", "email": "noreply@github.example", "date": c.time(k.Time)}
	return object{
		"sha": k.SHA, "node_id": node("C", 1), "url": c.url("/git/commits/%s", k.SHA), "html_url": c.page("/commit/%s", k.SHA),
		"author": by, "committer": by, "message": k.Message, "parents": c.showParents(k),
		"tree":         object{"sha": treeSHA(k.Files), "url": c.url("/git/trees/%s", treeSHA(k.Files))},
		"verification": object{"verified": false, "reason": "unsigned", "signature": nil, "payload": nil, "verified_at": nil},
	}
}

func (c *call) showParents(k *Commit) []object {
	parents := []object{}
	for _, sha := range k.Parents {
		parents = append(parents, object{"sha": sha, "url": c.url("/git/commits/%s", sha), "html_url": c.page("/commit/%s", sha)})
	}
	return parents
}

func (c *call) getCommit() answer {
	k := c.repo.resolve(c.request.PathValue("ref"))
	if k == nil {
		return refuse(http.StatusUnprocessableEntity, "No commit found for SHA: "+c.request.PathValue("ref"))
	}
	var parent *Commit
	if len(k.Parents) > 0 {
		parent = c.repo.commit(k.Parents[0])
	}
	files := c.files(parent, k)
	return answer{status: http.StatusOK, header: files.header, body: c.showCommit(k, files.body)}
}

// showCommit is a commit with the files that it changes.
func (c *call) showCommit(k *Commit, files any) object {
	by := object{"name": "GitHub", "email": "noreply@github.example", "date": c.time(k.Time)}
	return object{
		"url": c.url("/commits/%s", k.SHA), "sha": k.SHA, "node_id": node("C", 1), "html_url": c.page("/commit/%s", k.SHA),
		"comments_url": c.url("/commits/%s/comments", k.SHA), "author": nil, "committer": nil, "parents": c.showParents(k), "files": files,
		"commit": object{
			"url": c.url("/git/commits/%s", k.SHA), "author": by, "committer": by, "message": k.Message, "comment_count": 0,
			"tree": object{"sha": treeSHA(k.Files), "url": c.url("/git/trees/%s", treeSHA(k.Files))},
		},
	}
}

// files lists what differs between two commits; nil has no files.
func (c *call) files(from, to *Commit) answer {
	before, after := Files{}, Files{}
	if from != nil {
		before = from.Files
	}
	if to != nil {
		after = to.Files
	}
	all := maps.Clone(before)
	if all == nil {
		all = Files{}
	}
	maps.Copy(all, after)
	var changed []string
	for _, path := range slices.Sorted(maps.Keys(all)) {
		old, was := before[path]
		now, is := after[path]
		if was != is || old != now {
			changed = append(changed, path)
		}
	}
	shown, header := list(c, changed, func(path string) object {
		status := "modified"
		if _, was := before[path]; !was {
			status = "added"
		} else if _, is := after[path]; !is {
			status = "removed"
		}
		return object{
			"sha": hashOf("blob", after[path]), "filename": path, "status": status, "additions": 1, "deletions": 1, "changes": 2,
			"blob_url": c.page("/blob/%s", path), "raw_url": c.page("/raw/%s", path), "contents_url": c.url("/contents/%s", path), "patch": "@@ -1 +1 @@",
		}
	})
	return answer{http.StatusOK, shown, header}
}

// getContents gives a file up to 1 MB; of a larger one, all but its contents.
func (c *call) getContents() answer {
	ref := c.request.URL.Query().Get("ref")
	if ref == "" {
		ref = c.repo.DefaultBranch
	}
	k := c.repo.resolve(strings.TrimPrefix(ref, "refs/heads/"))
	if k == nil {
		return refuse(http.StatusNotFound, "No commit found for the ref "+ref)
	}
	path := c.request.PathValue("path")
	content, isFile := k.Files[path]
	if !isFile {
		return c.folder(k, path)
	}
	shown := c.showContents(path, "file", len(content), hashOf("blob", content))
	shown["encoding"], shown["content"] = "base64", wrapped(content)
	if len(content) > 1<<20 {
		shown["encoding"], shown["content"] = "none", ""
	}
	return ok(shown)
}

func (c *call) folder(k *Commit, path string) answer {
	shown := []object{}
	for _, file := range slices.Sorted(maps.Keys(k.Files)) {
		if below, ok := strings.CutPrefix(file, path+"/"); ok && !strings.Contains(below, "/") {
			shown = append(shown, c.showContents(file, "file", len(k.Files[file]), hashOf("blob", k.Files[file])))
		}
	}
	if len(shown) == 0 {
		return notFound()
	}
	return answer{status: http.StatusOK, body: shown}
}

func (c *call) showContents(path, kind string, size int, sha string) object {
	at, page, blob := c.url("/contents/%s", path), c.page("/blob/main/%s", path), c.url("/git/blobs/%s", sha)
	return object{
		"type": kind, "size": size, "name": path[strings.LastIndex(path, "/")+1:], "path": path, "sha": sha, "url": at, "git_url": blob, "html_url": page,
		"download_url": c.page("/raw/main/%s", path), "_links": object{"self": at, "git": blob, "html": page},
	}
}

// wrapped is base64 in lines, as GitHub has it.
func wrapped(content string) string {
	text := base64.StdEncoding.EncodeToString([]byte(content))
	var lines strings.Builder
	for chunk := range slices.Chunk([]byte(text), 60) {
		lines.Write(chunk)
		lines.WriteByte('\n')
	}
	return lines.String()
}

func (c *call) time(t time.Time) string { return t.UTC().Format(time.RFC3339) }

func (c *call) now() string { return c.time(c.server.options.Now()) }

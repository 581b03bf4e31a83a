package githubfake

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
)

func (w *World) artifact(id int64) *Artifact {
	for _, r := range w.Repositories {
		if a := r.artifact(id); a != nil {
			return a
		}
	}
	return nil
}

func (r *Repository) artifact(id int64) *Artifact {
	for _, run := range r.Runs {
		for i := range run.Artifacts {
			if run.Artifacts[i].ID == id {
				return &run.Artifacts[i]
			}
		}
	}
	return nil
}

func (c *call) listArtifacts() answer {
	for _, run := range c.repo.Runs {
		if run.ID != c.number("run_id") {
			continue
		}
		shown, header := list(c, run.Artifacts, func(a Artifact) object { return c.showArtifact(run, a) })
		return answer{http.StatusOK, object{"total_count": len(run.Artifacts), "artifacts": shown}, header}
	}
	return notFound()
}

func (c *call) showArtifact(run *Run, a Artifact) object {
	sum := sha256.Sum256(a.Content)
	at := c.url("/actions/artifacts/%d", a.ID)
	return object{
		"id": a.ID, "node_id": node("A", a.ID), "name": a.Name, "size_in_bytes": len(a.Content), "url": at, "archive_download_url": at + "/zip",
		"expired": a.Expired, "created_at": c.now(), "expires_at": c.now(), "updated_at": c.now(), "digest": "sha256:" + hex.EncodeToString(sum[:]),
		"workflow_run": object{"id": run.ID, "repository_id": 1, "head_repository_id": 1, "head_branch": "main", "head_sha": run.HeadSHA},
	}
}

// downloadArtifact says where the archive is, and that address carries its own secret.
func (c *call) downloadArtifact() answer {
	a := c.repo.artifact(c.number("artifact_id"))
	switch {
	case c.account == nil:
		return refuse(http.StatusUnauthorized, "Requires authentication")
	case a == nil || c.request.PathValue("archive_format") != "zip":
		return notFound()
	case a.Expired:
		return refuse(http.StatusGone, "Artifact has expired")
	}
	at := fmt.Sprintf("%s/%d?signature=s3cret", c.server.blobs, a.ID)
	return answer{status: http.StatusFound, header: http.Header{"Location": {at}}}
}

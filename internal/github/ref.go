package github

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// judged checks what is said about the commit to be judged.
func (e *Event) judged() error {
	err := errors.Join(CheckSHA(e.HeadSHA), CheckBranch(e.HeadBranch))
	if e.HeadOwner != "" { // the fork may be gone
		err = errors.Join(err, Repository{Owner: e.HeadOwner, Name: "x"}.check())
	}
	return err
}

func checkRef(ref string) error {
	if !strings.HasPrefix(ref, "refs/") {
		return fmt.Errorf("%.100q is no whole ref", ref)
	}
	return CheckBranch(ref)
}

// branchOf is the branch of a whole ref, and "" of a tag.
func branchOf(ref string) string {
	name, ok := strings.CutPrefix(ref, "refs/heads/")
	if !ok {
		return ""
	}
	return name
}

// unlessZero is "" for the SHA of all zeros, with which git says that there is none.
func unlessZero(sha string) string {
	if strings.Trim(sha, "0") == "" {
		return ""
	}
	return sha
}

// CheckBranch errs on what is no name of a branch: it holds it to the rules of git check-ref-format, as far as a request's path could suffer.
func CheckBranch(name string) error {
	bad := func(r rune) bool { return r <= ' ' || r == 0x7f || strings.ContainsRune(`~^:?*[\`, r) }
	within := func(part string) bool { return strings.Contains(name, part) }
	wrong := name == "" || len(name) > 255 || !utf8.ValidString(name) || strings.ContainsFunc(name, bad) ||
		slices.ContainsFunc([]string{"..", "//", "@{"}, within) ||
		strings.ContainsAny(name[:1], "/-") || strings.ContainsAny(name[len(name)-1:], "/.")
	if wrong {
		return fmt.Errorf("%.100q is no name of a branch", name)
	}
	return nil
}

// checkPath wants a path below the root of a repository.
func checkPath(path string) error {
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." || strings.ContainsAny(part, "\\\x00") {
			return fmt.Errorf("%.200q is no path of a file in a repository", path)
		}
	}
	return nil
}

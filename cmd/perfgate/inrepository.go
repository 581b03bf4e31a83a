package main

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// nearestRepository is the folder with .git at or above a folder, "" where there is none.
func nearestRepository(folder string) (string, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return "", usage("find the repository: %w", err)
	}
	for dir := folder; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir, nil
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", usage("find the repository: %w", err)
		}
		if dir == filepath.Dir(dir) {
			return "", nil
		}
	}
}

// repositoryRoot is the folder with .git above a project, or the project's own where there is none.
func repositoryRoot(project string) (string, error) {
	root, err := nearestRepository(project)
	if err != nil || root != "" {
		return root, err
	}
	return filepath.Abs(project)
}

// pathInRepository is where a file is below the top of its repository, with slashes. Where nothing is checked out the job's
// workspace stands for it, and elsewhere the file's own folder.
func pathInRepository(file string) (string, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return "", usage("%w", err)
	}
	root, err := nearestRepository(filepath.Dir(file))
	if err != nil {
		return "", err
	}
	if root == "" {
		root = os.Getenv("GITHUB_WORKSPACE")
	}
	below, err := filepath.Rel(root, file)
	if root == "" || err != nil || !filepath.IsLocal(below) {
		below = filepath.Base(file)
	}
	return filepath.ToSlash(below), nil
}

// nearestAbove is where a file of some name is that lies nearest above another one of the repository, relative to its root as that is;
// at the root where there is none.
func nearestAbove(root, file, name string) string {
	for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
		if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(dir), name)); err == nil {
			return path.Join(dir, name)
		}
	}
	return name
}

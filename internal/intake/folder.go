package intake

import (
	"fmt"
	"io/fs"
	"os"
	"path"
)

// folder reads both sides in a directory that somebody unpacked; base is nil when there is none. Links inside are not
// followed, wherever they lead.
func folder(dir string) (head, base []byte, err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, nil, fmt.Errorf("open results: %w", err)
	}
	defer func() { _ = root.Close() }() // it was only read
	head, err = readIn(root, headFile)
	if missing(err) {
		return nil, nil, refuse("", "there is no %s in it (perfgate check writes one)", headFile)
	}
	if err != nil {
		return nil, nil, err
	}
	if info, err := root.Lstat(baseDir); err == nil && !info.IsDir() {
		return nil, nil, refuse(baseDir, "it is no folder")
	}
	base, err = readIn(root, baseFile)
	if err != nil && !missing(err) {
		return nil, nil, err
	}
	return head, base, nil
}

// readIn reads a regular file of a folder, whose name no other file has in another case.
func readIn(root *os.Root, name string) ([]byte, error) {
	info, err := root.Lstat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, refuse(name, "it is a link, a device or a folder")
	case info.Size() > MaxFile:
		return nil, refuse(name, "%d bytes are more than %d", info.Size(), MaxFile)
	}
	if err := alone(root, name); err != nil {
		return nil, err
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, refuse(name, "it cannot be opened: %v", err)
	}
	defer file.Close()
	if opened, err := file.Stat(); err != nil || !os.SameFile(info, opened) {
		return nil, refuse(name, "it changes while it is read")
	}
	return limited(file, name)
}

// alone refuses a folder in which another name differs in case only.
func alone(root *os.Root, name string) error {
	folder, err := root.Open(path.Dir(name))
	if err != nil {
		return refuse(path.Dir(name), "it cannot be opened: %v", err)
	}
	defer folder.Close()
	entries, err := folder.ReadDir(MaxEntries + 1)
	if err != nil && len(entries) == 0 {
		return refuse(path.Dir(name), "it cannot be listed: %v", err)
	}
	if len(entries) > MaxEntries {
		return refuse(path.Dir(name), "more than %d entries", MaxEntries)
	}
	same := func(e fs.DirEntry) bool {
		return fold(e.Name()) == fold(path.Base(name)) && e.Name() != path.Base(name)
	}
	for _, e := range entries {
		if same(e) {
			return refuse(name, "the name is there already, as %s", quoted(e.Name()))
		}
	}
	return nil
}

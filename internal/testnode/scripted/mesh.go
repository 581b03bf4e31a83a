package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// memberPrefix and valuePrefix begin the names of the files in the mesh folder.
const (
	memberPrefix = "member-"
	valuePrefix  = "value-"
)

// joinMesh tells the other nodes of the network where this one is.
func (n *node) joinMesh(addr string) error {
	if n.options.mesh == "" {
		return nil
	}
	if err := os.MkdirAll(n.options.mesh, 0o755); err != nil {
		return fmt.Errorf("join mesh: %w", err)
	}
	return n.keep(memberPrefix+n.id(), []byte(addr))
}

// others are the control addresses of the other nodes, by their ids.
func (n *node) others() (map[string]string, error) {
	found := make(map[string]string)
	if n.options.mesh == "" {
		return found, nil
	}
	files, err := os.ReadDir(n.options.mesh)
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		id, ok := strings.CutPrefix(file.Name(), memberPrefix)
		if !ok || id == n.id() {
			continue
		}
		addr, err := os.ReadFile(filepath.Join(n.options.mesh, file.Name()))
		if err != nil {
			return nil, err
		}
		found[id] = string(addr)
	}
	return found, nil
}

// value is what the network's DHT keeps of a value.
type value struct {
	Bytes  int    `json:"bytes"`
	SHA256 string `json:"sha256"`
}

// store keeps a value for all nodes of the network.
func (n *node) store(key string, v value) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return n.keep(fmt.Sprintf("%s%x", valuePrefix, key), data)
}

// load returns a value, and whether there is one.
func (n *node) load(key string) (value, bool, error) {
	data, err := os.ReadFile(filepath.Join(n.options.mesh, fmt.Sprintf("%s%x", valuePrefix, key)))
	if errors.Is(err, fs.ErrNotExist) {
		return value{}, false, nil
	}
	var v value
	if err == nil {
		err = json.Unmarshal(data, &v)
	}
	return v, err == nil, err
}

// keep writes a file of the mesh folder, whole or not at all.
func (n *node) keep(name string, data []byte) error {
	path := filepath.Join(n.options.mesh, name)
	temporary := path + ".new-" + n.id()
	if err := os.WriteFile(temporary, data, 0o644); err != nil {
		return err
	}
	return os.Rename(temporary, path)
}

package gate

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/communitas/perfgate/internal/result"
)

// Load reads the results in a directory, or in a file that is named itself.
func Load(path string) (*result.Results, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, unread(err)
	}
	if info.IsDir() {
		path = filepath.Join(path, ResultsFile)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, unread(err)
	}
	defer file.Close()
	results, err := result.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return results, nil
}

// unread is why results cannot be read, with the mend where there are none.
func unread(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("load results: %w (perfgate run and perfgate check write some)", err)
	}
	return fmt.Errorf("load results: %w", err)
}

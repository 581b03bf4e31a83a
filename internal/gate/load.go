package gate

import (
	"fmt"
	"os"
	"path/filepath"

	"github.com/communitas/perfgate/internal/result"
)

// Load reads the results in a directory, or in a file that is named itself.
func Load(path string) (*result.Results, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("load results: %w", err)
	}
	if info.IsDir() {
		path = filepath.Join(path, ResultsFile)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("load results: %w (perfgate run writes one)", err)
	}
	defer file.Close()
	results, err := result.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return results, nil
}

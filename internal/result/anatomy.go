package result

import "fmt"

// Anatomy says what the bytes of the subject's file are made of, in two ways that each add up to the whole file. It is
// kept with the results, so that two files can be compared when neither is there any more.
type Anatomy struct {
	// Bytes is the size of the file.
	Bytes int64 `json:"bytes"`
	// Reason says why there are no parts, "" when there are.
	Reason string `json:"reason,omitempty"`
	// Names says which tables of the file gave the names of groups: "symtab", "pclntab", "symtab, pclntab", or "" for none.
	// Groups of files that differ in it are not comparable.
	Names string `json:"names,omitempty"`
	// Sections are all sections with bytes in the file, and what lies outside of them; the largest first.
	Sections []Part `json:"sections,omitempty"`
	// Groups are what symbols belong to, and for each section the bytes that no symbol names; the largest first. Of many,
	// the smallest are put together as one of kind PartRest, which comes last.
	Groups []Part `json:"groups,omitempty"`
}

// Part is some of the bytes of a file.
type Part struct {
	// Kind is one of the Part constants.
	Kind string `json:"kind"`
	// Name is unique among the parts of its kind in one list.
	Name string `json:"name"`
	// Bytes in the file, more than 0.
	Bytes int64 `json:"bytes"`
}

// The kinds of parts.
const (
	PartGo      = "go"      // a package of Go
	PartRust    = "rust"    // a crate of Rust
	PartCPP     = "c++"     // an outermost namespace of C++
	PartC       = "c"       // a source file of C or assembly, or what cannot be told apart
	PartSection = "section" // a section; among groups, what no symbol names in it
	PartFile    = "file"    // of the file itself: headers, and what lies in no section
	PartRest    = "rest"    // the groups that are too small to be listed
)

// Limits on what is read of an anatomy.
const (
	MaxSections = 4096
	MaxGroups   = 1000
)

func (a *Anatomy) validate() error {
	switch {
	case a == nil:
		return nil
	case a.Bytes < 0:
		return fmt.Errorf("a file of %d bytes", a.Bytes)
	case len(a.Reason) > maxText || len(a.Names) > maxName:
		return fmt.Errorf("a text is too long")
	case len(a.Sections) > MaxSections || len(a.Groups) > MaxGroups:
		return fmt.Errorf("%d sections and %d groups are too many", len(a.Sections), len(a.Groups))
	}
	for _, list := range [][]Part{a.Sections, a.Groups} {
		if err := addsUp(list, a.Bytes); err != nil {
			return err
		}
	}
	return nil
}

// addsUp checks the parts of one list, which is empty or makes the whole.
func addsUp(parts []Part, whole int64) error {
	left := whole
	for _, p := range parts {
		if len(p.Name) > maxName || len(p.Kind) > maxName {
			return fmt.Errorf("the name of a part is longer than %d bytes", maxName)
		}
		if p.Bytes < 0 || p.Bytes > left {
			return fmt.Errorf("part %q has %d bytes, which is more than there is", p.Name, p.Bytes)
		}
		left -= p.Bytes
	}
	if len(parts) > 0 && left != 0 {
		return fmt.Errorf("%d of %d bytes are in no part", left, whole)
	}
	return nil
}

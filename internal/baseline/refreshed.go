package baseline

import "slices"

// Refreshed returns r with the series that take names, and those of old in place of all others. What is kept says from which commit
// and time it is; what r alone has and take does not name is in neither. Old is of the same slot, configuration and subject: samples
// under different configurations have no place in one recording.
func (r Recording) Refreshed(old Recording, take func(metric string) bool) Recording {
	r.Series = slices.DeleteFunc(slices.Clone(r.Series), func(s Series) bool { return !take(s.Metric) })
	for _, s := range old.Series {
		if _, taken := r.series(s.Metric); taken {
			continue
		}
		if s.Commit == "" && s.Time.IsZero() {
			s.Commit, s.Time = old.Commit, old.Time
		}
		r.Series = append(r.Series, s)
	}
	return r.normal()
}

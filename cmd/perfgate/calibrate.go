package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/communitas/perfgate/internal/baseline"
	"github.com/communitas/perfgate/internal/compare"
	"github.com/communitas/perfgate/internal/gate"
	"github.com/communitas/perfgate/internal/noise"
	"github.com/communitas/perfgate/internal/report"
	"github.com/communitas/perfgate/internal/store"
	"github.com/communitas/perfgate/internal/suite"
)

// calibrateFlags are those of a calibration beside the choice of what is measured.
type calibrateFlags struct {
	sessions int
	pause    time.Duration
	budget   time.Duration
	maxPairs int
	from     []string
	fresh    bool
	dry      bool
	flags    *pflag.FlagSet
}

func (f *calibrateFlags) add(flags *pflag.FlagSet) {
	f.flags = flags
	flags.IntVar(&f.sessions, "sessions", 3, "how many trials of base against base; 0 takes only what was measured before")
	flags.DurationVar(&f.pause, "pause", 0, "wait so long between two sessions: those of different hours differ more")
	flags.DurationVar(&f.budget, "budget", 0, "how long a session may measure (default: no limit)")
	flags.IntVar(&f.maxPairs, "max-pairs", 0, "the most pairs of a session (default 24)")
	flags.StringArrayVar(&f.from, "from", nil, "take this session too: a results directory of check --against HEAD --measure-identical (repeatable)")
	flags.BoolVar(&f.fresh, "fresh", false, "leave out the sessions of earlier calibrations")
	flags.BoolVar(&f.dry, "dry-run", false, "say what came of it, and write nothing into baselines.toml")
}

func (f *calibrateFlags) check() error {
	switch {
	case f.sessions < 0:
		return usage("--sessions=%d: it takes 0 or more", f.sessions)
	case f.pause < 0:
		return usage("--pause takes nothing below 0")
	case f.flags.Changed("budget") && f.budget <= 0:
		return usage("--budget has to be above 0")
	case f.flags.Changed("max-pairs") && f.maxPairs < 1:
		return usage("--max-pairs has to be above 0")
	case f.flags.Changed("max-pairs") && f.flags.Changed("runs"):
		return usage("--runs says exactly how many pairs, and --max-pairs how many at most: give one of them")
	}
	return nil
}

func (p *program) calibrateCommand() *cobra.Command {
	s, d, f := &suiteFlags{}, &decideFlags{}, &calibrateFlags{}
	cmd := &cobra.Command{
		Use:   "calibrate",
		Short: "Measure base against base: how noisy this machine is, and how often the gate is wrong here",
		Long: `Measures the subject against itself, in trials like those of check --against: whatever differs is noise. It says how far each
metric varies within a session and between sessions, what change a trial would see, and how often a trial called a metric
regressed although nothing had changed; and it puts that into the machine's part of baselines.toml, with the fingerprint of this
environment. A tolerance that cannot be decided here is named.

Sessions of earlier calibrations count too where environment, subject and configuration are the same. How much sessions differ is
known from three of them on, and better when they are of different days: run it once a week.

` + suiteEnvironment + `

Exit codes:
  0    calibrated, whatever came of it
  2    usage or configuration
  3    failed: a session could not measure; those before it are calibrated with
  130  interrupted; the sessions that came to an end are calibrated with`,
		Example: `  perfgate calibrate                         # what carries the tag "pr", three sessions
  perfgate calibrate -s mesh --sessions 5 --pause 20m
  perfgate calibrate --sessions 1            # one more, beside those of the weeks before
  perfgate calibrate --sessions 0 --dry-run  # what is known so far`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error { return p.calibrate(cmd.Context(), s, d, f) },
	}
	s.add(cmd.Flags())
	d.addLimits(cmd.Flags())
	f.add(cmd.Flags())
	return cmd
}

func (p *program) calibrate(ctx context.Context, s *suiteFlags, d *decideFlags, f *calibrateFlags) error {
	if err := f.check(); err != nil {
		return err
	}
	if err := p.checkBaselines(d.baselines); err != nil {
		return err
	}
	decide, err := p.decision(d)
	if err != nil {
		return err
	}
	earlier, named, err := p.earlierSessions(decide, f)
	if err != nil {
		return err
	}
	fresh, err := p.measureSessions(ctx, s, decide, f)
	if err != nil && len(fresh) == 0 {
		return err
	}
	if err != nil {
		p.log.Warn("the calibration ends early", "error", err)
	}
	sessions := fitting(append(earlier, fresh...))
	p.warnOfLeftOut(named, sessions)
	if len(sessions) == 0 {
		return usage("there is no session to calibrate with (--sessions 3 measures some)")
	}
	calibrations, calibrateErr := noise.Calibrate(sessions)
	if err := errors.Join(err, calibrateErr); calibrateErr != nil {
		return err
	}
	if err := p.tellCalibrations(calibrations, sessions, d); err != nil {
		return err
	}
	return errors.Join(p.writeCalibrations(calibrations, d, f.dry), err)
}

// measureSessions measures as many sessions as are asked for. With an error it returns those that came to an end.
func (p *program) measureSessions(ctx context.Context, s *suiteFlags, decide decision, f *calibrateFlags) ([]noise.Session, error) {
	if f.sessions == 0 {
		return nil, nil
	}
	if s.out == "" {
		folder, err := p.calibrationsFolder()
		if err != nil {
			return nil, err
		}
		s.out = filepath.Join(folder, store.StampedName(time.Now()))
	}
	plan, err := p.plan(s)
	if err != nil {
		return nil, err
	}
	defer s.claim.Close() //nolint:errcheck // what is not given back goes back with the process
	show := p.display(plan.Suite)
	plan.Progress = show.take
	defer show.end()
	if plan, err = gate.Prepare(ctx, plan); err != nil {
		return nil, err
	}
	looks := (&againstFlags{maxPairs: f.maxPairs}).looks(s.runs, plan.Suite)
	if plan.Suite, _, err = plan.Suite.Override(suite.Overrides{Runs: looks[len(looks)-1]}); err != nil {
		return nil, usage("%w", err)
	}
	var all []noise.Session
	for i := range f.sessions {
		if i > 0 && f.pause > 0 {
			p.log.Info(fmt.Sprintf("waiting %v for the next session", f.pause))
			if err := wait(ctx, f.pause); err != nil {
				return all, err
			}
		}
		p.log.Info(fmt.Sprintf("session %d of %d", i+1, f.sessions))
		session, err := p.session(ctx, plan, filepath.Join(plan.Dir, fmt.Sprintf("session-%02d", i+1)), looks, decide, f)
		if err != nil {
			return all, err
		}
		all = append(all, session)
	}
	p.log.Info("the sessions are in " + plan.Dir)
	return all, nil
}

// session measures one trial of base against base.
func (p *program) session(ctx context.Context, plan gate.Plan, dir string, looks []int, decide decision, f *calibrateFlags) (noise.Session, error) {
	plan.Dir = dir
	base, head, err := gate.Same(ctx, gate.TrialPlan{
		Head: plan, HeadName: "the same", BaseName: "the same", Looks: looks, Budget: f.budget, Decide: decide.of,
	})
	if err != nil {
		return noise.Session{}, err
	}
	verdict := decide.of(base, head)
	if err := decide.keep(dir, verdict); err != nil {
		return noise.Session{}, err
	}
	return noise.Session{Base: base, Head: head, Verdict: verdict}, sound(dir, verdict)
}

// sound refuses a session in which something could not be measured: it would calibrate with failures.
func sound(dir string, verdict compare.Verdict) error {
	if verdict.Verdict != compare.Failed {
		return nil
	}
	return &exitError{code: exitFailed, err: fmt.Errorf("the session in %s has failed: %s", dir, verdict.Reason)}
}

// earlierSessions are those of earlier calibrations, unless they are to be left out, and after them those that were named: the trials of the
// latter with their folders.
func (p *program) earlierSessions(decide decision, f *calibrateFlags) (all []noise.Session, named map[string]string, err error) {
	if !f.fresh {
		if all, err = p.calibratedSessions(decide); err != nil {
			return nil, nil, err
		}
	}
	named = map[string]string{}
	for _, dir := range f.from {
		session, err := loadSession(dir, decide)
		if err != nil {
			return nil, nil, err
		}
		all = append(all, session)
		named[session.Head.Trial.ID] = dir
	}
	return all, named, nil
}

// calibratedSessions are those of earlier calibrations.
func (p *program) calibratedSessions(decide decision) ([]noise.Session, error) {
	folder, err := p.calibrationsFolder()
	if err != nil {
		return nil, err
	}
	dirs, err := fs.Glob(os.DirFS(folder), "*/session-*") // the name of the folder is no pattern
	if err != nil {
		return nil, fmt.Errorf("look for earlier sessions: %w", err)
	}
	var all []noise.Session
	for _, dir := range dirs {
		dir = filepath.Join(folder, filepath.FromSlash(dir))
		session, err := loadSession(dir, decide)
		if err != nil { // one that was interrupted, or of another version
			p.log.Debug("an earlier session is left out", "folder", dir, "error", err)
			continue
		}
		all = append(all, session)
	}
	return all, nil
}

// warnOfLeftOut tells of sessions that were named and are not calibrated with.
func (p *program) warnOfLeftOut(named map[string]string, sessions []noise.Session) {
	for _, id := range slices.Sorted(maps.Keys(named)) {
		if !slices.ContainsFunc(sessions, func(s noise.Session) bool { return s.Head.Trial.ID == id }) {
			p.log.Warn(named[id] + " is left out: it is of another environment, subject or configuration than the last session")
		}
	}
}

func loadSession(dir string, decide decision) (noise.Session, error) {
	head, err := loadResults(dir)
	if err != nil {
		return noise.Session{}, err
	}
	base, err := loadResults(filepath.Join(dir, gate.BaseFolder))
	if err != nil {
		return noise.Session{}, err
	}
	switch {
	case head.Trial == nil || base.Trial == nil || head.Trial.ID != base.Trial.ID:
		return noise.Session{}, usage("%s is no trial: its two sides do not belong together", dir)
	case head.Subject.BinarySHA256 != base.Subject.BinarySHA256:
		return noise.Session{}, usage("%s compares two different binaries: what differs there is not noise alone", dir)
	case head.Interrupted != "" || base.Interrupted != "":
		return noise.Session{}, usage("%s was interrupted", dir)
	}
	verdict := decide.of(base, head)
	return noise.Session{Base: base, Head: head, Verdict: verdict}, sound(dir, verdict)
}

// fitting are the sessions that have a common noise with the last one, which is what is asked about. One that is there twice, as one of
// an earlier calibration that is named as well, counts once: that it does not differ from itself says nothing.
func fitting(sessions []noise.Session) []noise.Session {
	if len(sessions) == 0 {
		return nil
	}
	last := sessions[len(sessions)-1]
	var all []noise.Session
	taken := map[string]bool{}
	for _, s := range sessions {
		id := s.Head.Trial.ID
		if _, err := noise.Calibrate([]noise.Session{last, s}); err == nil && !taken[id] {
			all = append(all, s)
			taken[id] = true
		}
	}
	return all
}

func (p *program) calibrationsFolder() (string, error) {
	project, err := filepath.Abs(filepath.Dir(p.config))
	if err != nil {
		return "", fmt.Errorf("find the project's folder: %w", err)
	}
	home, err := store.Home(project)
	if err != nil {
		return "", usage("%w", err)
	}
	return filepath.Join(home, "calibrations"), nil
}

func (p *program) tellCalibrations(calibrations []baseline.Calibration, sessions []noise.Session, d *decideFlags) error {
	file, err := p.loadBaselines(d.baselines)
	if err != nil {
		return err
	}
	if p.asJSON {
		return report.CalibrationsJSON(p.stdout, calibrations)
	}
	return report.Calibrations(p.stdout, calibrations, file, sessions[len(sessions)-1].Head, p.style())
}

// writeCalibrations puts them into baselines.toml, unless that is to stay as it is.
func (p *program) writeCalibrations(calibrations []baseline.Calibration, d *decideFlags, dry bool) error {
	if dry {
		return nil
	}
	file, err := p.loadBaselines(d.baselines)
	if err != nil {
		return err
	}
	raw, err := file.WithCalibrations(calibrations)
	if err != nil {
		return &exitError{code: exitUsage, err: err}
	}
	target := p.baselinesPath(d.baselines)
	err = store.WriteFile(target, func(w io.Writer) error {
		_, err := w.Write(raw)
		return err
	})
	if err != nil {
		return err
	}
	p.log.Info("calibrated in " + target + "; review and commit it")
	return nil
}

// wait sleeps unless the context ends first.
func wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

package nexus_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// child runs one of the functions of child_test.go in a process of its own, and gives what it wrote.
func child(t *testing.T, name string) (stdout, stderr string, err error) {
	t.Helper()
	command := exec.Command(must(os.Executable())(t))
	command.Env = append(os.Environ(), "NEXUS_GO_CHILD="+name)
	var out, errors strings.Builder
	command.Stdout, command.Stderr = &out, &errors
	err = command.Run()
	return out.String(), errors.String(), err
}

// passes wants a child to say "done".
func passes(t *testing.T, name string) {
	t.Helper()
	t.Parallel()
	if stdout, stderr, err := child(t, name); err != nil || stdout != "done\n" {
		t.Errorf("%v\n%s%s", err, stdout, stderr)
	}
}

func TestRecoverFromNilPointer(t *testing.T)   { passes(t, "nil pointer") }
func TestRecoverWithFaulthandler(t *testing.T) { passes(t, "faulthandler") }
func TestSignalNotify(t *testing.T)            { passes(t, "notify") }
func TestSignalsArePythonsNot(t *testing.T)    { passes(t, "signals of Python") }
func TestProfile(t *testing.T)                 { passes(t, "profile") }
func TestSubprocess(t *testing.T)              { passes(t, "subprocess") }
func TestEndWhilePythonRuns(t *testing.T)      { passes(t, "end") }
func TestStartAtOnce(t *testing.T)             { passes(t, "start at once") }
func TestLockedThreads(t *testing.T)           { passes(t, "locked threads") }

// Without signal.Notify, SIGINT ends a Go program, also one with Python in it.
func TestInterruptEndsTheProgram(t *testing.T) {
	t.Parallel()
	stdout, stderr, err := child(t, "interrupted")
	exit, ok := err.(*exec.ExitError)
	if !ok || exit.String() != "signal: interrupt" || stdout != "" {
		t.Errorf("%v\n%s%s", err, stdout, stderr)
	}
}

// A crash in compiled code is reported by Go, with or without faulthandler.
func TestCrashIsReportedByGo(t *testing.T) {
	t.Parallel()
	stdout, stderr, err := child(t, "crash")
	exit, ok := err.(*exec.ExitError)
	if !ok || exit.ExitCode() != 2 || stdout != "" || !strings.Contains(stderr, "signal arrived during cgo execution") {
		t.Errorf("%v\n%s%s", err, stdout, stderr)
	}
}

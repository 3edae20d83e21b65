/* What starting Python, and loading modules, must leave as it was. */
#include "nexus_check.h"

#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>

extern char **environ;

/* What a host would notice. */
typedef struct State {
    struct sigaction actions[64];
    sigset_t mask;
    char locale[256], numeric[256], directory[4096];
    fenv_t floating;
    int rounding, raised, trapped, flags[3];
    mode_t umask;
    struct rlimit limits[RLIM_NLIMITS];
    size_t variables;
    char *environment[1024];
} State;

static void record(State *state) {
    memset(state, 0, sizeof *state);
    for (int number = 1; number < 64; number++) sigaction(number, NULL, &state->actions[number]);
    CHECK(pthread_sigmask(SIG_BLOCK, NULL, &state->mask) == 0);
    snprintf(state->locale, sizeof state->locale, "%s", setlocale(LC_ALL, NULL));
    snprintf(state->numeric, sizeof state->numeric, "%s", setlocale(LC_NUMERIC, NULL));
    CHECK(getcwd(state->directory, sizeof state->directory) != NULL);
    CHECK(fegetenv(&state->floating) == 0);
    CHECK(fesetenv(&state->floating) == 0);
    state->rounding = fegetround();
    state->trapped = fegetexcept();
    for (int file = 0; file < 3; file++) state->flags[file] = fcntl(file, F_GETFL);
    state->umask = umask(0);
    umask(state->umask);
    for (unsigned i = 0; i < RLIM_NLIMITS; i++) getrlimit(i, &state->limits[i]);
    for (char **variable = environ; *variable; variable++) {
        CHECK(state->variables < 1024);
        state->environment[state->variables++] = strdup(*variable);
    }
}

static void same(const State *before, const char *when) {
    static State after;
    record(&after);
    for (int number = 1; number < 64; number++) {
        const struct sigaction *a = &before->actions[number], *b = &after.actions[number];
        /* The C library sets SA_RESTORER of its own accord, once anybody has set anything. */
        const unsigned restorer = 0x04000000;
        CHECK_SEEN(a->sa_handler == b->sa_handler && ((unsigned)(a->sa_flags ^ b->sa_flags) & ~restorer) == 0,
                   "signal %d %s: handler %p, flags %x, not %p, %x", number, when, (void *)(uintptr_t)b->sa_handler,
                   (unsigned)b->sa_flags, (void *)(uintptr_t)a->sa_handler, (unsigned)a->sa_flags);
    }
    CHECK_SEEN(memcmp(&before->mask, &after.mask, sizeof after.mask) == 0, "another signal mask %s", when);
    CHECK_SEEN(strcmp(before->locale, after.locale) == 0, "locale %s, not %s, %s", after.locale, before->locale, when);
    CHECK_TEXT(after.numeric, before->numeric);
    CHECK_TEXT(after.directory, before->directory);
    CHECK_SEEN(before->rounding == after.rounding, "another rounding mode %s", when);
    CHECK_SEEN(before->trapped == after.trapped, "other floating-point traps %s", when);
    CHECK_SEEN(memcmp(before->flags, after.flags, sizeof after.flags) == 0, "other flags of 0, 1 and 2 %s", when);
    CHECK_SEEN(before->umask == after.umask, "another umask %s", when);
    CHECK_SEEN(memcmp(before->limits, after.limits, sizeof after.limits) == 0, "other limits %s", when);
    CHECK_SEEN(before->variables == after.variables, "%zu variables, not %zu, %s", after.variables, before->variables,
               when);
    for (size_t i = 0; i < after.variables; i++) CHECK_TEXT(after.environment[i], before->environment[i]);
}

static void start(void) {
    CHECK_OK(nexus_python_start(NULL, &error));
}

static void start_and_use_everything(const State *before) {
    start();
    same(before, "after the start");
    run_python("import subprocess, asyncio, signal, multiprocessing, threading, locale, ctypes");
    same(before, "after import subprocess");
    NexusLoader *loader = open_all("documented");
    same(before, "after loading");
    NexusObject *crypto = get(loader, "crypto");
    discard(call1(crypto, "encrypt", nexus_value_text("x", 1)));
    run_python("import subprocess, sys\n"
               "assert subprocess.run([sys.executable, '-c', 'print(1 + 1)'], capture_output=True).stdout == b'2\\n'");
    same(before, "after subprocess.run");
    nexus_object_free(crypto);
    nexus_loader_free(loader);
}

static State before;

CASE(host_without_settings) {
    record(&before);
    start_and_use_everything(&before);
}

static volatile sig_atomic_t interrupts;

static void interrupted(int number) { interrupts += number == SIGINT; }

CASE(host_with_signal_handlers) {
    const int numbers[] = {SIGINT, SIGTERM, SIGPIPE, SIGCHLD, SIGUSR1, SIGHUP, SIGWINCH};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        struct sigaction action = {.sa_handler = interrupted, .sa_flags = SA_ONSTACK | SA_RESTART};
        CHECK(sigaction(numbers[i], &action, NULL) == 0);
    }
    record(&before);
    start_and_use_everything(&before);
    raise(SIGINT);
    CHECK_NUMBER(interrupts, 1);
    CHECK_PYTHON("1 + 1 == 2");
}

CASE(host_that_ignores_signals) {
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    record(&before);
    start_and_use_everything(&before);
}

/* A host's own default: SIGINT ends it. */
CASE(sigint_still_ends_the_process) {
    start();
    run_python("import signal, subprocess, asyncio");
    struct sigaction action;
    CHECK(sigaction(SIGINT, NULL, &action) == 0);
    CHECK(action.sa_handler == SIG_DFL);
}

CASE(host_with_locale) {
    CHECK(setlocale(LC_ALL, "C.UTF-8") != NULL);
    CHECK(setlocale(LC_NUMERIC, "C") != NULL);
    record(&before);
    start_and_use_everything(&before);
}

CASE(host_with_rounding_mode) {
    CHECK(fesetround(FE_UPWARD) == 0);
    record(&before);
    start_and_use_everything(&before);
    CHECK_NUMBER(fegetround(), FE_UPWARD);
}

CASE(host_with_floating_point_traps) {
    CHECK(feenableexcept(FE_DIVBYZERO | FE_INVALID | FE_OVERFLOW) != -1);
    record(&before);
    start();
    same(&before, "after the start");
    NexusLoader *loader = open_all("documented");
    same(&before, "after loading");
    nexus_loader_free(loader);
}

CASE(host_with_environment) {
    setenv("LC_ALL", "C", 1);
    setenv("PYTHONHOME", "/no/such/home", 1);
    setenv("PYTHONPATH", "/no/such/path", 1);
    record(&before);
    start();
    same(&before, "after the start");
    /* Children of the host, and of Python, get what the host has. */
    CHECK_PYTHON("__import__('os').environ['PYTHONHOME'] == '/no/such/home'");
}

/* The output of a print is not lost when the host ends without Python's help. */
CASE(print_is_flushed) {
    int file = open(scratch("stdout"), O_RDWR | O_CREAT, 0600);
    CHECK(file >= 0 && dup2(file, 1) == 1);
    run_python("print('seen')");
    char text[64] = "";
    CHECK(pread(file, text, sizeof text - 1, 0) > 0);
    CHECK_TEXT(text, "seen\n");
}

/* --- The interpreter's own state ----------------------------------------------------------------- */

CASE(arguments) {
    start();
    CHECK_PYTHON("__import__('sys').argv == ['']");
}

/* Python does not import from the current directory. */
CASE(no_current_directory_on_path) {
    start();
    CHECK_PYTHON("'' not in __import__('sys').path and '.' not in __import__('sys').path");
    CHECK_PYTHON("__import__('os').getcwd() not in __import__('sys').path");
}

CASE(importlib_util_is_not_imported) {
    /* It costs 20 ms; site imports it in some installations, then it is not ours. */
    NexusPythonConfig config = {.struct_size = sizeof config, .flags = NEXUS_PYTHON_NO_SITE};
    CHECK_OK(nexus_python_start(&config, &error));
    nexus_loader_free(open_all("documented"));
    CHECK_PYTHON("'importlib.util' not in __import__('sys').modules");
}

static void *is_not_main(void *unused) {
    CHECK_PYTHON("__import__('threading').current_thread() is not __import__('threading').main_thread()");
    return unused;
}

static void is_main(void) {
    CHECK_PYTHON("__import__('threading').current_thread() is __import__('threading').main_thread()");
}

static pthread_barrier_t started, looked;

static void *starts_here(void *unused) {
    start();
    pthread_barrier_wait(&started);
    /* A thread that has ended may lend its identity to the next one. */
    pthread_barrier_wait(&looked);
    is_main();
    CHECK_PYTHON("__import__('threading').main_thread().ident == __import__('threading').get_ident()");
    return unused;
}

/* Python's main thread is the one that has started it, not the process's. */
CASE(main_thread_is_the_starting_thread) {
    pthread_t starter;
    CHECK(pthread_barrier_init(&started, NULL, 2) == 0 && pthread_barrier_init(&looked, NULL, 2) == 0);
    CHECK(pthread_create(&starter, NULL, starts_here, NULL) == 0);
    pthread_barrier_wait(&started);
    is_not_main(NULL);
    on_threads(1, is_not_main, NULL);
    pthread_barrier_wait(&looked);
    CHECK(pthread_join(starter, NULL) == 0);
}

CASE(gil_is_free_after_the_start) {
    start();
    on_threads(1, is_not_main, NULL);
    is_main();
}

static void *imports_threading(void *unused) {
    run_python("import threading");
    return unused;
}

/* Up to 3.12 the thread that first imports `threading` takes itself for the main thread. */
CASE(threading_is_first_imported_by_another_thread) {
    NexusPythonConfig config = {.struct_size = sizeof config, .flags = NEXUS_PYTHON_NO_SITE};
    CHECK_OK(nexus_python_start(&config, &error));
    /* It costs half as much as the start. */
    CHECK_PYTHON("'threading' not in __import__('sys').modules");
    on_threads(1, imports_threading, NULL);
    is_main();
    run_python("import sys, threading\n"
               "main = threading.main_thread()\n"
               "assert main.is_alive(), main\n"
               /* 3.13 and later have that of the importing thread. */
               "assert sys.version_info >= (3, 13) or main.native_id == threading.get_native_id(), main\n"
               "assert threading.enumerate() == [main], threading.enumerate()\n"
               "assert type(threading.__loader__).__name__ == 'SourceFileLoader', threading.__loader__\n"
               "assert threading.__spec__.loader is threading.__loader__\n"
               "assert not any('nexus' in repr(finder) for finder in sys.meta_path), sys.meta_path\n"
               "seen = []\n"
               "thread = threading.Thread(target=lambda: seen.append(threading.current_thread()))\n"
               "thread.start()\n"
               "thread.join()\n"
               "assert seen == [thread] and threading.enumerate() == [main]\n"
               "import importlib\n"
               "assert importlib.reload(threading).main_thread() is not main\n");
}

static void *forks(void *unused) {
    run_python("import os\n"
               "child = os.fork()\n"
               "if not child:\n"
               "    import threading\n"
               "    os._exit(threading.main_thread() is not threading.current_thread())\n"
               "assert os.waitpid(child, 0)[1] == 0\n");
    return unused;
}

/* Of a process that forks only the forking thread lives on, as main thread. */
CASE(threading_is_first_imported_in_a_child) {
    start();
    on_threads(1, forks, NULL);
}

CASE(multiprocessing_spawns_the_real_interpreter) {
    start();
    char text[4096];
    text_of(evaluate("__import__('os').fsdecode(__import__('multiprocessing.spawn').spawn.get_executable())"), text,
            sizeof text);
    struct stat seen, expected;
    CHECK_SEEN(stat(text, &seen) == 0, "%s", text);
    CHECK(stat(setting("NEXUS_TEST_EXECUTABLE"), &expected) == 0);
    CHECK_SEEN(seen.st_dev == expected.st_dev && seen.st_ino == expected.st_ino, "%s", text);
    run_python("import math, multiprocessing\n"
               "context = multiprocessing.get_context('spawn')\n"
               "with context.Pool(1) as pool:\n"
               "    assert pool.map(math.sqrt, [4.0, 9.0]) == [2.0, 3.0]\n");
}

/* Python prints, warns and reads as any program does. */
CASE(standard_streams) {
    start();
    run_python("import sys, warnings\n"
               "print('to stderr', file=sys.stderr)\n"
               "warnings.warn('a warning')\n"
               "assert sys.stdin is not None and sys.stdout.encoding.lower() == 'utf-8'\n");
}

/* A host without standard streams, such as a service. */
CASE(closed_standard_streams) {
    close(0);
    close(1);
    start();
    run_python("import subprocess\nprint('nowhere')");
    NexusLoader *loader = open_all("documented");
    CHECK_NUMBER(nexus_loader_count(loader), 3);
}

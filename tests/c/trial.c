/* NEXUS_LOADER_TRIAL: modules are imported in a child process first. What each kind of end becomes is in
 * corpus.c; here is what surrounds it. */
#include "files.h"
#include "marks.h"
#include "report_check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static NexusLoader *open_tried(const char *path, uint32_t flags, uint32_t milliseconds) {
    return open_with(path, (NexusLoaderOptions){.flags = flags | NEXUS_LOADER_TRIAL, .trial_milliseconds = milliseconds});
}

static size_t tried(const char *file) { return opened(read_marks(), file, false); }

/* --- Children ------------------------------------------------------------------------------------------ */

static long process_that_tried(const char *file) {
    const Marks *marks = read_marks();
    for (size_t i = 0; i < marks->count; i++)
        if (strcmp(marks->list[i].name, file) == 0 && marks->list[i].process != (long)getpid())
            return marks->list[i].process;
    FAIL("%s was not tried", file);
}

CASE(one_child_until_a_death) {
    begin_marks();
    NexusLoader *loader = open_tried(fixture("trial"), 0, 0);
    check_entry(loader, "crashes", NEXUS_STATE_FAILED, NEXUS_DETAIL_TRIAL_SIGNAL,
                "Failed to load module crashes: killed by SIGSEGV (segmentation fault) during its trial import "
                "(2 other modules were imported in that process before); its last output:\n  crashes: reads_null");
    CHECK_NUMBER(nexus_loader_count(loader), 3);
    CHECK_NUMBER(process_that_tried("a_good.so"), process_that_tried("b_good.so"));
    CHECK_NUMBER(process_that_tried("a_good.so"), process_that_tried("crashes.so"));
    CHECK(process_that_tried("crashes.so") != process_that_tried("d_good.so"));
    CHECK_NUMBER(other_processes(read_marks()), 2);
    CHECK_NUMBER(opened(read_marks(), "crashes.so", true), 0);
    CHECK_NUMBER(opened(read_marks(), "d_good.so", true), 1);
    NexusObject *module = NULL;
    CHECK_ERROR(nexus_loader_get(loader, "crashes", &module, &error), NEXUS_ERR_NOT_LOADED);
    CHECK_NUMBER(nexus_error_detail(error), NEXUS_DETAIL_TRIAL_SIGNAL);
    CHECK_TEXT(nexus_error_path(error), fixture("trial/crashes.so"));
    DROP(error);
    nexus_loader_free(loader);
}

static size_t open_files(void) {
    size_t count = 0;
    DIR *stream = opendir("/proc/self/fd");
    while (readdir(stream)) count++;
    closedir(stream);
    return count;
}

CASE(nothing_is_left_of_the_children) {
    begin_marks();
    nexus_loader_free(open_all("documented"));
    size_t before = open_files();
    for (int i = 0; i < 3; i++) nexus_loader_free(open_tried(fixture("trial"), 0, 0));
    CHECK_NUMBER(open_files(), before);
    CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD);
}

static bool is_gone(long process) {
    char path[64], text[512] = "";
    snprintf(path, sizeof path, "/proc/%ld/stat", process);
    FILE *stream = fopen(path, "r");
    if (!stream) return true;
    size_t size = fread(text, 1, sizeof text - 1, stream);
    fclose(stream);
    const char *state = size ? strrchr(text, ')') : NULL;
    return !state || state[2] == 'Z' || state[2] == 'X';
}

/* Ends with the test's time limit if it does not. */
static void wait_until_gone(long process) {
    while (!is_gone(process)) usleep(2000);
}

CASE(what_a_module_has_started_ends_with_the_trial) {
    begin_marks();
    loaded(open_tried(fixture("trial_process"), 0, 0), 1);
    /* The mark of the child, and that of what it has started. */
    const Marks *marks = read_marks();
    CHECK_NUMBER(other_processes(marks), 2);
    for (size_t i = 0; i < marks->count; i++)
        if (marks->list[i].process != (long)getpid()) wait_until_gone(marks->list[i].process);
}

/* A host that is killed while a module hangs leaves no child behind. */
CASE(children_end_with_the_host) {
    CHECK(setenv("NEXUS_TEST_MARKS", scratch("marks"), 1) == 0);
    pid_t host = fork();
    CHECK(host >= 0);
    if (host == 0) {
        open_tried(fixture("trial_hang"), 0, 600000);
        _exit(0);
    }
    const Marks *marks = read_marks();
    while (marks->count == 0) {
        usleep(2000);
        marks = read_marks();
    }
    CHECK(kill(host, SIGKILL) == 0 && waitpid(host, NULL, 0) == host);
    wait_until_gone(marks->list[0].process);
}

CASE(the_hosts_input_is_not_the_childs) {
    begin_marks();
    int ends[2];
    CHECK(pipe(ends) == 0 && write(ends[1], "for the host", 12) == 12);
    CHECK(dup2(ends[0], STDIN_FILENO) == STDIN_FILENO);
    NexusLoader *loader = open_tried(fixture("trial_input"), 0, 0);
    CHECK_NUMBER(nexus_loader_count(loader), 1);
    char text[16] = "";
    CHECK(read(STDIN_FILENO, text, sizeof text) == 12);
    CHECK_TEXT(text, "for the host");
    nexus_loader_free(loader);
}

static void wait_for_all(int number) {
    int saved = errno;
    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0) continue;
    errno = saved;
}

/* Then the kernel, or the host, forgets how the child has ended; before Linux 6.15 nobody can tell. */
static void check_crash_is_noticed(void) {
    NexusLoader *loader = open_tried(fixture("trial"), 0, 0);
    NexusReport *report = report_of(loader);
    NexusReportEntry entry;
    CHECK_NUMBER(entries_of(report, "crashes", NULL, &entry), 1);
    CHECK_NUMBER(entry.state, NEXUS_STATE_FAILED);
    CHECK_SEEN(entry.detail == NEXUS_DETAIL_TRIAL_SIGNAL || entry.detail == NEXUS_DETAIL_TRIAL_LOST, "%s", entry.message);
    CHECK_CONTAINS(entry.message, "crashes: reads_null");
    nexus_report_free(report);
    loaded(loader, 3);
}

CASE(a_host_that_ignores_its_children) {
    CHECK(signal(SIGCHLD, SIG_IGN) != SIG_ERR);
    check_crash_is_noticed();
}

CASE(a_host_that_waits_for_every_child) {
    struct sigaction action = {.sa_handler = wait_for_all, .sa_flags = SA_RESTART};
    CHECK(sigaction(SIGCHLD, &action, NULL) == 0);
    check_crash_is_noticed();
}

static void *open_in_thread(void *directory) {
    NexusLoader *loader = open_tried(directory, 0, 0);
    size_t count = nexus_loader_count(loader);
    nexus_loader_free(loader);
    return (void *)count;
}

CASE(several_threads_at_once) {
    enum { THREADS = 4 };
    static char *directories[THREADS];
    static const char *const names[] = {"trial", "documented", "one_bad", "which"};
    static const size_t counts[] = {3, 3, 1, 1};
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) directories[i] = strdup(fixture(names[i]));
    for (int i = 0; i < THREADS; i++)
        CHECK(pthread_create(&threads[i], NULL, open_in_thread, directories[i]) == 0);
    for (int i = 0; i < THREADS; i++) {
        void *count;
        CHECK(pthread_join(threads[i], &count) == 0);
        CHECK_NUMBER((size_t)count, counts[i]);
        free(directories[i]);
    }
}

/* --- What is remembered ---------------------------------------------------------------------------------- */

CASE(a_changed_file_is_tried_again) {
    begin_marks();
    CHECK(mkdir(scratch("modules"), 0700) == 0);
    const char *file = strdup(scratch("modules/crashes.so"));
    copy_file(fixture("trial/crashes.so"), file);
    for (int i = 0; i < 2; i++) {
        NexusLoader *loader = open_tried(scratch("modules"), 0, 0);
        check_entry(loader, "crashes", NEXUS_STATE_FAILED, NEXUS_DETAIL_TRIAL_SIGNAL, "SIGSEGV");
        nexus_loader_free(loader);
        CHECK_NUMBER(tried("crashes.so"), 1);
    }
    /* Its time only. */
    CHECK(chmod(file, 0600) == 0);
    nexus_loader_free(open_tried(scratch("modules"), 0, 0));
    CHECK_NUMBER(tried("crashes.so"), 2);
    /* Mended, under the same name. */
    copy_file(fixture("trial_fixed/crashes.so"), joined(scratch(""), "new"));
    CHECK(rename(joined(scratch(""), "new"), file) == 0);
    NexusLoader *loader = open_tried(scratch("modules"), 0, 0);
    check_entry(loader, "crashes", NEXUS_STATE_LOADED, 0, "");
    CHECK_NUMBER(tried("crashes.so"), 3);
    nexus_loader_free(loader);
}

CASE(a_hang_is_remembered_for_its_limit) {
    begin_marks();
    static const struct {
        uint32_t limit;
        size_t tried;
        const char *part;
    } steps[] = {
        {300, 1, "within 300 ms"}, {300, 1, "within 300 ms"}, {100, 1, "within 300 ms"},
        {400, 2, "within 400 ms"}, {300, 2, "within 400 ms"},
    };
    for (size_t i = 0; i < COUNT(steps); i++) {
        NexusLoader *loader = open_tried(fixture("trial_hang"), 0, steps[i].limit);
        check_entry(loader, "waits", NEXUS_STATE_FAILED, NEXUS_DETAIL_TRIAL_HANG, steps[i].part);
        CHECK_NUMBER(tried("waits.so"), steps[i].tried);
        nexus_loader_free(loader);
    }
}

/* The system's memory may have been short, or somebody was in a hurry: another trial may end otherwise. */
CASE(a_kill_is_not_remembered) {
    begin_marks();
    for (size_t i = 1; i <= 2; i++) {
        NexusLoader *loader = open_tried(fixture("trial_kill"), 0, 0);
        check_entry(loader, "killed", NEXUS_STATE_FAILED, NEXUS_DETAIL_TRIAL_SIGNAL, "SIGKILL");
        CHECK_NUMBER(tried("killed.so"), i);
        nexus_loader_free(loader);
    }
}

/* --- With other options ------------------------------------------------------------------------------------ */

CASE(lazy_modules_are_tried_at_their_first_use) {
    begin_marks();
    NexusObject *module = NULL;
    NexusLoader *loader = open_tried(fixture("trial"), NEXUS_LOADER_LAZY, 0);
    CHECK_NUMBER(read_marks()->count, 0);
    CHECK_ERROR(nexus_loader_get(loader, "crashes", &module, &error), NEXUS_ERR_LOAD_FAILED);
    CHECK_NUMBER(nexus_error_detail(error), NEXUS_DETAIL_TRIAL_SIGNAL);
    CHECK_CONTAINS(nexus_error_message(error), "SIGSEGV");
    DROP(error);
    nexus_object_free(get(loader, "a_good"));
    CHECK_NUMBER(tried("a_good.so"), 1);
    CHECK_NUMBER(tried("d_good.so"), 0);
    nexus_loader_free(loader);
}

static int32_t no_crashes(const char *name, const char *path, void *user_data) {
    (void)path, (void)user_data;
    return strcmp(name, "crashes") != 0;
}

CASE(what_the_filter_refuses_is_not_tried) {
    begin_marks();
    NexusLoader *loader = open_with(fixture("trial"),
                                    (NexusLoaderOptions){.flags = NEXUS_LOADER_TRIAL, .filter = no_crashes});
    check_entry(loader, "crashes", NEXUS_STATE_SKIPPED, NEXUS_DETAIL_FILTERED, "filter");
    CHECK_NUMBER(tried("crashes.so"), 0);
    CHECK_NUMBER(other_processes(read_marks()), 1);
    nexus_loader_free(loader);
}

CASE(not_together_with_an_allow_list) {
    NexusLoader *loader = NULL;
    NexusLoaderOptions options = {.struct_size = sizeof options, .flags = NEXUS_LOADER_TRIAL | NEXUS_LOADER_VERIFY};
    CHECK_REFUSED(nexus_loader_open(fixture("trial"), &options, &loader, &error), NEXUS_ERR_NOT_SUPPORTED);
    CHECK(loader == NULL);
}

/* --- A trial loads as the host does -------------------------------------------------------------------------- */

/* What the last module sees of the others and of itself, in the trial and in the host. The two differ only in addresses
 * and in the numbers of private packages. */
static const char look[] =
    "import re, sys\n"
    "def show(value):\n"
    "    return re.sub(r'private_\\d+', 'private', re.sub(' at 0x[0-9a-fA-F]+', '', repr(value)))\n"
    "lines = ['sys.path ' + show(sys.path)]\n"
    "for full, module in list(sys.modules.items()):\n"
    "    if full.rpartition('.')[2] not in ('a_multi', 'b_single', 'colorsys', 'd_object', 'e_raises',\n"
    "                                       'f_single_raises', 'g_replaces', 'sched', 'z_looks'):\n"
    "        continue\n"
    "    fields = getattr(module, '__dict__', {})\n"
    "    spec = fields.get('__spec__')\n"
    "    lines.append(show((full, type(module), sorted(fields))))\n"
    "    lines.append('  ' + show([fields.get(name) for name in ('__name__', '__package__', '__file__')]))\n"
    "    lines.append('  ' + show(spec and sorted(vars(spec).items())))\n"
    "    lines.append('  ' + show(spec and (vars(spec.loader), fields['__loader__'] is spec.loader)))\n"
    "with open(os.environ['NEXUS_TEST_SEEN'], 'a') as file:\n"
    "    file.write('\\n'.join(lines) + '\\n=====\\n')\n";

CASE(it_leaves_what_loading_leaves) {
    CHECK(setenv("NEXUS_TEST_LOOK", look, 1) == 0);
    CHECK(setenv("NEXUS_TEST_SEEN", scratch("seen"), 1) == 0);
    NexusLoader *loader = open_tried(fixture("trial_alike"), 0, 0);
    CHECK_NUMBER(nexus_loader_count(loader), 7);
    static char seen[65536];
    FILE *stream = fopen(scratch("seen"), "r");
    CHECK(stream != NULL);
    CHECK(fread(seen, 1, sizeof seen - 1, stream) > 0 && fclose(stream) == 0);
    static const char end[] = "=====\n";
    char *in_trial = seen, *in_host = strstr(seen, end);
    CHECK_SEEN(in_host != NULL, "%s", seen);
    *in_host = 0;
    in_host += strlen(end);
    char *rest = strstr(in_host, end);
    CHECK_SEEN(rest != NULL && rest[strlen(end)] == 0, "%s", in_host);
    *rest = 0;
    CHECK_TEXT(in_host, in_trial);
    static const char *const parts[] = {"('a_multi', <class 'module'>", "('nexus_loader.private.colorsys', <class 'module'>",
                                        "('nexus_loader.private.sched', <class 'module'>", "SimpleNamespace", "'z_looks'"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) CHECK_CONTAINS(in_host, parts[i]);
    CHECK(strstr(in_host, "_raises") == NULL);
    nexus_loader_free(loader);
}

/* --- No child can be started -------------------------------------------------------------------------------- */

static void check_not_started(const char *part) {
    NexusLoader *loader = open_tried(fixture("documented"), 0, 0);
    CHECK_NUMBER(nexus_loader_count(loader), 0);
    static const char *const names[] = {"crypto", "database", "network"};
    for (int i = 0; i < 3; i++) {
        check_entry(loader, names[i], NEXUS_STATE_FAILED, NEXUS_DETAIL_TRIAL_NOT_STARTED, part);
        check_entry(loader, names[i], NEXUS_STATE_FAILED, NEXUS_DETAIL_TRIAL_NOT_STARTED, "NEXUS_LOADER_TRIAL");
    }
    nexus_loader_free(loader);
}

static void set_interpreter(const char *path) {
    const char *source = formatted(
        "import sys; sys.executable = sys._base_executable = %s%s%s; sys.base_exec_prefix = '/no'",
        path ? "'" : "", path ? path : "None", path ? "'" : "");
    run_python(source);
}

static const char *script(const char *text) {
    const char *path = strdup(scratch("python3"));
    write_text(path, text);
    CHECK(chmod(path, 0700) == 0);
    return path;
}

CASE(no_interpreter_is_installed) {
    set_interpreter("");
    check_not_started("this Python's interpreter program is nowhere");
}

CASE(the_interpreter_ends_at_once) {
    set_interpreter(script("#!/bin/sh\necho there is no Python today >&2\nexit 3\n"));
    check_not_started("it exited with code 3");
    set_interpreter(script("#!/bin/sh\necho there is no Python today >&2\nexit 3\n"));
    check_not_started("there is no Python today");
}

CASE(the_interpreter_is_another_program) {
    const char *text = formatted(
        "#!%s\nimport os, signal, sys\nos.write(int(sys.argv[-2]), b'hello, this is no frame')\nsignal.pause()\n",
        setting("NEXUS_TEST_EXECUTABLE"));
    set_interpreter(script(text));
    check_not_started("strange answer");
}

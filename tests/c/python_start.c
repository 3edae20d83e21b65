/* Which Python is started, and what is said when none can be: never an exit or an abort. */
#include "files.h"
#include "nexus_check.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/wait.h>

static NexusPythonConfig config_for(const char *python) {
    return (NexusPythonConfig){.struct_size = sizeof(NexusPythonConfig), .python = python};
}

/* "3.12" */
static const char *release(void) {
    static char text[8];
    const char *version = setting("NEXUS_TEST_VERSION");
    snprintf(text, sizeof text, "%.*s", (int)(strrchr(version, '.') - version), version);
    return text;
}

static void make_folders(const char *path) {
    char *text = formatted("%s", path);
    for (char *slash = text + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
        *slash = '\0';
        CHECK(mkdir(text, 0777) == 0 || errno == EEXIST);
    }
}

static void write_file(const char *path, const char *text, mode_t mode) {
    make_folders(path);
    write_text(path, text);
    CHECK(chmod(path, mode) == 0);
}

/* scratch/<name>/lib/libpython3.X.so.1.0, a copy of the real one. */
static const char *copied_library(const char *name) {
    static char path[4096];
    snprintf(path, sizeof path, "%s/lib/libpython%s.so.1.0", scratch(name), release());
    make_folders(path);
    copy_file(setting("NEXUS_TEST_LIBPYTHON"), path);
    return path;
}

/* Lets scratch/<name>/lib/python3.X be the real standard library. */
static void link_standard_library(const char *name) {
    char *library = formatted("%s", setting("NEXUS_TEST_DYNLOAD"));
    *strrchr(library, '/') = '\0';
    CHECK(symlink(library, formatted("%s/lib/python%s", scratch(name), release())) == 0);
}

static void start(const char *python) {
    NexusPythonConfig config = config_for(python);
    CHECK_OK(nexus_python_start(&config, &error));
}

static void calls_work(void) {
    loaded(open_all("documented"), 3);
    CHECK_PYTHON("__import__('json').loads('[1]') == [1]");
}

/* A Python that cannot be started gives a status, and a text with these parts in it. */
static void refused_with(const NexusPythonConfig *config, const char *const *parts, size_t count) {
    NexusStatus status = nexus_python_start(config, &error);
    CHECK_SEEN(status == NEXUS_ERR_PYTHON_NOT_FOUND || status == NEXUS_ERR_PYTHON_START, "status %d: %s", status,
               nexus_error_message(error));
    CHECK_STATUS(nexus_error_status(error), status);
    fprintf(stderr, "%s\n", nexus_error_message(error));
    for (size_t i = 0; i < count; i++) CHECK_CONTAINS(nexus_error_message(error), parts[i]);
    DROP(error);
}

static void refused(const NexusPythonConfig *config, const char *part, const char *other_part) {
    refused_with(config, (const char *[]){part, other_part}, 2);
}

static void path_refused(const char *python, const char *part, const char *other_part) {
    NexusPythonConfig config = config_for(python);
    refused_with(&config, (const char *[]){python, part, other_part}, 3);
}

static void then_the_right_one_starts(void) {
    start(setting("NEXUS_TEST_EXECUTABLE"));
    calls_work();
}

static int same_file(const char *a, const char *b) {
    struct stat first, second;
    return stat(a, &first) == 0 && stat(b, &second) == 0 && first.st_dev == second.st_dev &&
           first.st_ino == second.st_ino;
}

/* --- The right one ------------------------------------------------------------------------------- */

static NexusPythonInfo info(void) {
    NexusPythonInfo info;
    memset(&info, 0xa5, sizeof info);
    info.struct_size = sizeof info;
    CHECK_OK(nexus_python_info(&info, &error));
    return info;
}

static void check_sys(const char *name, const char *path) {
    const char *seen = text_with(formatted("__import__('sys').%s", name), nexus_value_none());
    CHECK_SEEN(same_file(seen, path), "sys.%s %s", name, seen);
}

static void check_info(void) {
    unsigned major, minor, micro;
    CHECK(sscanf(setting("NEXUS_TEST_VERSION"), "%u.%u.%u", &major, &minor, &micro) == 3);
    NexusPythonInfo is = info();
    CHECK_NUMBER(is.version, major << 16 | minor << 8 | micro);
    CHECK_CONTAINS(is.version_text, setting("NEXUS_TEST_VERSION"));
    CHECK(is.owned);
    CHECK_SEEN(same_file(is.library, setting("NEXUS_TEST_LIBPYTHON")), "library %s", is.library);
    CHECK_SEEN(same_file(is.executable, setting("NEXUS_TEST_EXECUTABLE")), "executable %s", is.executable);
    CHECK_SEEN(same_file(is.prefix, setting("NEXUS_TEST_PREFIX")), "prefix %s", is.prefix);
    CHECK(is.reason[0] != '\0');
    check_sys("executable", setting("NEXUS_TEST_EXECUTABLE"));
    check_sys("_base_executable", setting("NEXUS_TEST_EXECUTABLE"));
    check_sys("prefix", setting("NEXUS_TEST_PREFIX"));
    check_sys("exec_prefix", setting("NEXUS_TEST_PREFIX"));
}

CASE(named_by_environment) {
    CHECK_OK(nexus_python_start(NULL, &error));
    check_info();
    CHECK_CONTAINS(info().reason, "NEXUS_PYTHON");
    calls_work();
}

CASE(named_by_config_as_interpreter) {
    setenv("NEXUS_PYTHON", "/no/such/python", 1);
    start(setting("NEXUS_TEST_EXECUTABLE"));
    check_info();
    calls_work();
}

CASE(named_by_config_as_libpython) {
    unsetenv("NEXUS_PYTHON");
    start(setting("NEXUS_TEST_LIBPYTHON"));
    check_info();
    calls_work();
}

CASE(named_by_config_as_prefix) {
    /* /usr stands for whatever python3 of the system is. */
    unsetenv("NEXUS_PYTHON");
    start(setting("NEXUS_TEST_PREFIX"));
    if (strcmp(setting("NEXUS_TEST_PREFIX"), "/usr") == 0)
        CHECK_TEXT(info().prefix, "/usr");
    else
        check_info();
    calls_work();
}

CASE(first_on_path) {
    unsetenv("NEXUS_PYTHON");
    CHECK(mkdir(scratch("bin"), 0777) == 0);
    CHECK(symlink(setting("NEXUS_TEST_EXECUTABLE"), scratch("bin/python3")) == 0);
    setenv("PATH", formatted("/no/such/folder:%s:%s", scratch("bin"), setting("PATH")), 1);
    CHECK_OK(nexus_python_start(NULL, &error));
    check_info();
    CHECK_CONTAINS(info().reason, "PATH");
}

/* pyenv's python3 is a shell script: sys.executable must not become it. */
CASE(wrapper_script_on_path) {
    unsetenv("NEXUS_PYTHON");
    const char *text = formatted("#!/bin/sh\nexec '%s' \"$@\"\n", setting("NEXUS_TEST_EXECUTABLE"));
    write_file(scratch("bin/python3"), text, 0755);
    setenv("PATH", formatted("%s:%s", scratch("bin"), setting("PATH")), 1);
    CHECK_OK(nexus_python_start(NULL, &error));
    check_info();
    CHECK(!same_file(info().executable, scratch("bin/python3")));
}

CASE(started_twice) {
    CHECK_OK(nexus_python_start(NULL, &error));
    start(setting("NEXUS_TEST_EXECUTABLE"));
    CHECK_OK(nexus_python_start(NULL, &error));
    calls_work();
}

/* There is one Python for the life of the process. */
CASE(another_python_afterwards) {
    CHECK_OK(nexus_python_start(NULL, &error));
    const char *library = copied_library("other");
    link_standard_library("other");
    NexusPythonConfig config = config_for(library);
    CHECK_FAILS(nexus_python_start(&config, &error), NEXUS_ERR_PYTHON_CONFLICT, library);
    calls_work();
}

CASE(arguments) {
    const char *const argv[] = {"my-host", "--größe", ""};
    NexusPythonConfig config = config_for(NULL);
    config.argv = argv;
    config.argv_count = 3;
    CHECK_OK(nexus_python_start(&config, &error));
    CHECK_PYTHON("__import__('sys').argv == ['my-host', '--größe', '']");
}

/* A host that was built against an older header. */
CASE(older_config) {
    NexusPythonConfig config;
    memset(&config, 0xa5, sizeof config);
    config.struct_size = offsetof(NexusPythonConfig, python) + sizeof config.python;
    config.flags = 0;
    config.python = NULL;
    CHECK_OK(nexus_python_start(&config, &error));
    check_info();
    CHECK_PYTHON("__import__('sys').argv == ['']");
}

/* --- Virtual environments ------------------------------------------------------------------------ */

static void check_venv(const char *venv) {
    check_sys("prefix", venv);
    const char *text = text_with("__import__('sys').executable", nexus_value_none());
    const char *expected = formatted("%s/bin/python", venv);
    CHECK_SEEN(strncmp(text, expected, strlen(expected)) == 0, "sys.executable %s", text);
    check_sys("base_prefix", setting("NEXUS_TEST_PREFIX"));
    CHECK_PYTHON("__import__('only_in_this_venv').answer == 42");
    NexusPythonInfo is = info();
    CHECK_SEEN(same_file(is.prefix, venv), "prefix %s", is.prefix);
    CHECK_SEEN(strncmp(is.executable, expected, strlen(expected)) == 0, "executable %s", is.executable);
    CHECK(same_file(is.library, setting("NEXUS_TEST_LIBPYTHON")));
    calls_work();
}

static const char *filled_venv(void) {
    const char *venv = strdup(scratch("venv"));
    const char *command = formatted("'%s' -m venv --without-pip '%s'", setting("NEXUS_TEST_EXECUTABLE"), venv);
    CHECK_SEEN(system(command) == 0, "%s", command);
    const char *path = formatted("%s/lib/python%s/site-packages/only_in_this_venv.py", venv, release());
    write_file(path, "answer = 42\n", 0644);
    return venv;
}

CASE(venv_by_config) {
    const char *venv = filled_venv();
    start(venv);
    check_venv(venv);
}

CASE(venv_by_its_interpreter) {
    const char *venv = filled_venv(), *python = joined(venv, "bin/python");
    start(python);
    check_venv(venv);
}

CASE(venv_by_environment) {
    const char *venv = filled_venv();
    unsetenv("NEXUS_PYTHON");
    setenv("VIRTUAL_ENV", venv, 1);
    CHECK_OK(nexus_python_start(NULL, &error));
    check_venv(venv);
    CHECK_CONTAINS(info().reason, "VIRTUAL_ENV");
}

/* A named Python comes before VIRTUAL_ENV. */
CASE(venv_that_is_not_asked_for) {
    setenv("VIRTUAL_ENV", filled_venv(), 1);
    CHECK_OK(nexus_python_start(NULL, &error));
    check_info();
}

/* --- site ---------------------------------------------------------------------------------------- */

/* A folder that comes before the standard library, in which Debian has a sitecustomize of its own. */
static NexusPythonConfig with_sitecustomize(const char *source) {
    NexusPythonConfig config = config_for(filled_venv());
    config.flags = NEXUS_PYTHON_USE_ENVIRONMENT;
    write_file(scratch("first/sitecustomize.py"), source, 0644);
    setenv("PYTHONPATH", scratch("first"), 1);
    setenv("PYTHONDONTWRITEBYTECODE", "1", 1);
    return config;
}

static void *checks_venv(void *venv) {
    check_venv(venv);
    return NULL;
}

static void sitecustomize_that_raises(const char *source, const char *part) {
    NexusPythonConfig config = with_sitecustomize(source);
    CHECK_ERROR(nexus_python_start(&config, &error), NEXUS_ERR_PYTHON_START);
    fprintf(stderr, "%s\n", nexus_error_message(error));
    CHECK_CONTAINS(nexus_error_message(error), part);
    CHECK_CONTAINS(nexus_error_message(error), "sitecustomize");
    CHECK_CONTAINS(nexus_error_message(error), nexus_error_exception(error));
    CHECK_CONTAINS(nexus_error_exception(error), "builtins.");
    CHECK_CONTAINS(nexus_error_traceback(error), "Traceback (most recent call last)");
    CHECK_CONTAINS(nexus_error_traceback(error), scratch("first/sitecustomize.py"));
    CHECK_TEXT(nexus_error_path(error), scratch("first/sitecustomize.py"));
    DROP(error);
    NexusPythonInfo is = {.struct_size = sizeof is};
    CHECK_STATUS(nexus_python_info(&is, NULL), NEXUS_ERR_NOT_STARTED);
    /* With the file mended it starts; the failed start has not kept the GIL. */
    write_file(scratch("first/sitecustomize.py"), "import sys\nsys.customized = True\n", 0644);
    CHECK_OK(nexus_python_start(&config, &error));
    CHECK_PYTHON("__import__('sys').customized");
    check_venv(config.python);
    on_threads(1, checks_venv, (void *)config.python);
}

CASE(sitecustomize_raises_runtime_error) {
    sitecustomize_that_raises("raise RuntimeError('not on this machine')\n", "not on this machine");
}

CASE(sitecustomize_exits) { sitecustomize_that_raises("import sys\nsys.exit(3)\n", "SystemExit"); }

static void *starts_with(void *config) {
    CHECK_OK(nexus_python_start(config, &error));
    return NULL;
}

/* Another thread goes on where the start has stopped: what came before is not done again. */
CASE(sitecustomize_raises_and_another_thread_goes_on) {
    NexusPythonConfig config = with_sitecustomize("raise KeyboardInterrupt\n");
    const char *path = formatted("%s/lib/python%s/site-packages/counts.pth", config.python, release());
    write_file(path, "import sys; sys.counted = getattr(sys, 'counted', 0) + 1\n", 0644);
    for (int i = 0; i < 3; i++) {
        CHECK_ERROR(nexus_python_start(&config, &error), NEXUS_ERR_PYTHON_START);
        CHECK_TEXT(nexus_error_exception(error), "builtins.KeyboardInterrupt");
        DROP(error);
    }
    write_file(scratch("first/sitecustomize.py"), "import sys\nsys.customized = True\n", 0644);
    on_threads(1, starts_with, &config);
    check_venv(config.python);
    /* `site` itself runs the file more than once. */
    const char *code = formatted("'%s/bin/python' -c 'import sys; sys.exit(sys.counted)'", config.python);
    int counted = WEXITSTATUS(system(code));
    CHECK(counted > 0);
    code = formatted("__import__('sys').customized and __import__('sys').counted == %d", counted);
    CHECK_PYTHON(code);
    /* The main thread is still the one that has started Python. */
    CHECK_PYTHON("__import__('threading').current_thread() is __import__('threading').main_thread()");
}

CASE(sitecustomize_works) {
    NexusPythonConfig config = with_sitecustomize("import sys\nsys.customized = True\n");
    CHECK_OK(nexus_python_start(&config, &error));
    check_venv(config.python);
    CHECK_PYTHON("__import__('sys').customized");
}

CASE(no_site) {
    NexusPythonConfig config = with_sitecustomize("raise SystemExit\n");
    config.flags |= NEXUS_PYTHON_NO_SITE;
    CHECK_OK(nexus_python_start(&config, &error));
    CHECK_PYTHON("'sitecustomize' not in __import__('sys').modules");
    CHECK_PYTHON("not any('site-packages' in folder for folder in __import__('sys').path)");
}

/* A line of a .pth file, too, runs at the start. */
CASE(pth_file_that_exits) {
    const char *venv = filled_venv();
    const char *path = formatted("%s/lib/python%s/site-packages/exits.pth", venv, release());
    write_file(path, "import sys; sys.exit(3)\n", 0644);
    NexusPythonConfig config = config_for(venv);
    CHECK_FAILS(nexus_python_start(&config, &error), NEXUS_ERR_PYTHON_START, "SystemExit");
    CHECK(remove(path) == 0);
    CHECK_OK(nexus_python_start(&config, &error));
    check_venv(venv);
}

/* --- The inherited environment ------------------------------------------------------------------- */

CASE(inherited_environment_is_ignored) {
    setenv("PYTHONHOME", "/no/such/home", 1);
    setenv("PYTHONPATH", "/no/such/path", 1);
    setenv("PYTHONMALLOC", "nonsense", 1);
    setenv("PYTHONHASHSEED", "nonsense", 1);
    setenv("PYTHONUTF8", "nonsense", 1);
    setenv("PYTHONIOENCODING", "nonsense", 1);
    setenv("PYTHONINTMAXSTRDIGITS", "nonsense", 1);
    setenv("PYTHONTRACEMALLOC", "nonsense", 1);
    setenv("PYTHONSTARTUP", "/no/such/file", 1);
    setenv("PYTHONWARNINGS", "error", 1);
    setenv("PYTHONINSPECT", "1", 1);
    setenv("PYTHONPLATLIBDIR", "nonsense", 1);
    CHECK_OK(nexus_python_start(NULL, &error));
    check_info();
    CHECK_PYTHON("'/no/such/path' not in __import__('sys').path");
    calls_work();
}

static void environment_that_is_wrong(const char *name, const char *value, const char *part) {
    NexusPythonConfig config = config_for(setting("NEXUS_TEST_EXECUTABLE"));
    config.flags = NEXUS_PYTHON_USE_ENVIRONMENT;
    setenv(name, value, 1);
    refused(&config, name, part);
    unsetenv(name);
    then_the_right_one_starts();
}

CASE(pythonhome_that_is_asked_for) { environment_that_is_wrong("PYTHONHOME", "/no/such/home", "/no/such/home"); }

CASE(pythonmalloc_that_is_asked_for) { environment_that_is_wrong("PYTHONMALLOC", "nonsense", "nonsense"); }

CASE(pythonhashseed_that_is_asked_for) { environment_that_is_wrong("PYTHONHASHSEED", "nonsense", "random"); }

CASE(pythonpath_that_is_asked_for) {
    NexusPythonConfig config = config_for(NULL);
    config.flags = NEXUS_PYTHON_USE_ENVIRONMENT;
    setenv("PYTHONPATH", scratch("my path"), 1);
    CHECK_OK(nexus_python_start(&config, &error));
    CHECK_PYTHON("any(folder.endswith('/my path') for folder in __import__('sys').path)");
    calls_work();
}

/* --- Those that cannot be used ------------------------------------------------------------------- */

CASE(path_that_does_not_exist) {
    path_refused("/no/such/python", "does not exist", "");
    setenv("NEXUS_PYTHON", "/nor/this/python", 1);
    refused(NULL, "/nor/this/python", "NEXUS_PYTHON");
    then_the_right_one_starts();
}

CASE(files_that_are_no_python) {
    write_file(scratch("bin/python3"), "no program\n", 0755);
    write_file(scratch("text"), "no program\n", 0644);
    const char *name = formatted("lib/libpython%s.so.1.0", release());
    write_file(scratch(name), "no library\n", 0644);
    const char *const paths[] = {scratch("bin/python3"), scratch("text"), scratch(name), "/bin/true", "/bin/false",
                                 "/dev/null", "/bin/sh", scratch("")};
    for (size_t i = 0; i < COUNT(paths); i++) {
        path_refused(paths[i], "", "");
    }
    then_the_right_one_starts();
}

CASE(empty_path) {
    NexusPythonConfig config = config_for("");
    CHECK(nexus_python_start(&config, &error) != NEXUS_OK);
    CHECK(nexus_error_message(error)[0] != '\0');
    DROP(error);
    then_the_right_one_starts();
}

CASE(missing_standard_library) {
    path_refused(copied_library("alone"), "encodings", "");
    then_the_right_one_starts();
}

/* CPython finds its landmark, os.py, takes the folder for its home, and aborts for want of the rest. */
CASE(standard_library_without_encodings) {
    const char *path = formatted("%s/lib/python%s/os.py", scratch("half"), release());
    write_file(path, "", 0644);
    path_refused(copied_library("half"), "encodings", "");
    path = formatted("%s/bin/python%s", scratch("half"), release());
    make_folders(path);
    copy_file(setting("NEXUS_TEST_EXECUTABLE"), path);
    path_refused(scratch("half"), "encodings", "");
    then_the_right_one_starts();
}

CASE(library_of_another_architecture) {
    const char *path = formatted("%s", copied_library("foreign"));
    FILE *file = fopen(path, "r+");
    CHECK(file != NULL);
    /* e_machine: 183 is EM_AARCH64, 62 is EM_X86_64. */
    CHECK(fseek(file, 18, SEEK_SET) == 0);
#ifdef __aarch64__
    const char *name = "x86";
    CHECK(fputc(62, file) == 62);
#else
    const char *name = "aarch64";
    CHECK(fputc(183, file) == 183);
#endif
    CHECK(fclose(file) == 0);
    link_standard_library("foreign");
    path_refused(path, name, "");
    then_the_right_one_starts();
}

CASE(truncated_library) {
    const char *path = formatted("%s", copied_library("cut"));
    /* Within what is mapped: what follows may be debugging data that nobody misses. */
    CHECK(truncate(path, 1 << 20) == 0);
    link_standard_library("cut");
    path_refused(path, "", "");
    then_the_right_one_starts();
}

/* An interpreter that was built without a shared libpython, played by a script. */
CASE(static_python) {
    const char *text = formatted("#!/bin/sh\n"
                                 "for code; do :; done\n"
                                 "exec '%s' -I -S -c '\n"
                                 "import os, sys, sysconfig\n"
                                 "sys.base_prefix = sys.prefix = \"/opt/static\"\n"
                                 "variables = sysconfig.get_config_vars()\n"
                                 "for name in \"LDLIBRARY\", \"INSTSONAME\": variables[name] = \"libpython%s.a\"\n"
                                 "for name in \"LIBDIR\", \"LIBPL\": variables[name] = \"/opt/static/lib\"\n"
                                 "variables.update(Py_ENABLE_SHARED=0, MULTIARCH=\"\")\n"
                                 "exec(sys.argv[1])\n"
                                 "' \"$code\"\n",
                                 setting("NEXUS_TEST_EXECUTABLE"), release());
    write_file(scratch("static/bin/python3"), text, 0755);
    path_refused(scratch("static/bin/python3"), "static", "libpython");
    then_the_right_one_starts();
}

/* An interpreter that is too old; 3.10 and 2.7 where pyenv has them, and one played by a script. */
CASE(too_old) {
    write_file(scratch("old/bin/python3"),
               "#!/bin/sh\n[ \"$1\" = -V ] && echo 'Python 3.6.15' && exit 0\n"
               "echo 'Unknown option: -I' >&2\nexit 2\n", 0755);
    path_refused(scratch("old/bin/python3"), "3.11", "");
    char *paths = formatted("%s", setting("NEXUS_TEST_OLD_PYTHONS"));
    for (char *path = strtok(paths, ":"); path; path = strtok(NULL, ":")) {
        path_refused(path, "3.11", strstr(path, "3.10.") ? "3.10" : "2");
    }
    then_the_right_one_starts();
}

/* An interpreter that says nothing sensible. */
CASE(interpreter_that_fails) {
    write_file(scratch("bad/bin/python3"), "#!/bin/sh\necho 'no licence for this Python' >&2\nexit 7\n", 0755);
    path_refused(scratch("bad/bin/python3"), "no licence for this Python", "");
    then_the_right_one_starts();
}

static void good_candidate_behind_bad_ones(const char *rest_of_path) {
    unsetenv("NEXUS_PYTHON");
    setenv("VIRTUAL_ENV", "/no/such/venv", 1);
    setenv("CONDA_PREFIX", "/no/such/conda", 1);
    write_file(scratch("first/python3"), "#!/bin/sh\nexit 7\n", 0755);
    CHECK(mkdir(scratch("second"), 0777) == 0);
    CHECK(symlink(setting("NEXUS_TEST_EXECUTABLE"), scratch("second/python3")) == 0);
    setenv("PATH", formatted("%s:%s:%s", scratch("first"), scratch("second"), rest_of_path), 1);
}

/* One refused candidate does not hide the next one. */
CASE(bad_candidates_before_a_good_one) {
    good_candidate_behind_bad_ones(setting("PATH"));
    static Log log;
    nexus_log_set(log_line, &log, NEXUS_LOG_DEBUG);
    CHECK_OK(nexus_python_start(NULL, &error));
    check_info();
    CHECK_CONTAINS(log.text, "/no/such/venv");
    CHECK_CONTAINS(log.text, "/no/such/conda");
    CHECK_CONTAINS(log.text, scratch("first/python3"));
    calls_work();
}

/* Every source has its line, with the reason. */
CASE(search_lists_every_candidate) {
    good_candidate_behind_bad_ones("/usr/bin:/bin");
    const char *const parts[] = {"NEXUS_PYTHON", "/no/such/venv", "/no/such/conda", scratch("first/python3"),
                                 scratch("second/python3")};
    NexusNames *names = NULL;
    CHECK_OK(nexus_python_search(NULL, &names, &error));
    size_t next = 0;
    for (size_t i = 0; i < nexus_names_count(names); i++) {
        const char *line = nexus_names_at(names, i);
        fprintf(stderr, "%s\n", line);
        CHECK(!strchr(line, '\n'));
        if (next < 5 && strstr(line, parts[next])) next++;
    }
    CHECK_NUMBER(next, 5);
    nexus_names_free(names);
    /* It has started nothing. */
    NexusPythonInfo is = {.struct_size = sizeof is};
    CHECK_STATUS(nexus_python_info(&is, NULL), NEXUS_ERR_NOT_STARTED);
}

/* With nothing named and nothing on PATH the system's libpython is left; where there is none, the text
 * lists what was looked at and says what to do. */
CASE(empty_path_variable) {
    unsetenv("NEXUS_PYTHON");
    setenv("VIRTUAL_ENV", "/no/such/venv", 1);
    setenv("PATH", "/no/such/folder", 1);
    NexusStatus status = nexus_python_start(NULL, &error);
    if (status == NEXUS_OK) {
        CHECK_CONTAINS(info().library, "/usr/");
        calls_work();
        return;
    }
    CHECK_STATUS(status, NEXUS_ERR_PYTHON_NOT_FOUND);
    CHECK_CONTAINS(nexus_error_message(error), "/no/such/venv");
    CHECK_CONTAINS(nexus_error_message(error), "PATH");
    CHECK_CONTAINS(nexus_error_message(error), "NEXUS_PYTHON");
}

/* --- A failed start ------------------------------------------------------------------------------ */

static void *starts(void *unused) {
    CHECK_OK(nexus_python_start(NULL, &error));
    calls_work();
    return unused;
}

/* The failed start held nothing back: another thread starts it. */
CASE(failed_start_then_another_thread) {
    NexusPythonConfig config = config_for("/no/such/python");
    for (int i = 0; i < 3; i++) refused(&config, "/no/such/python", "");
    on_threads(1, starts, NULL);
    calls_work();
}

/* A function that starts Python by itself tells the same failure. */
CASE(first_use_that_fails) {
    NexusLoader *loader = (NexusLoader *)(uintptr_t)0x5a5a;
    NexusObject *module = (NexusObject *)(uintptr_t)0x5a5a;
    setenv("NEXUS_PYTHON", "/no/such/python", 1);
    CHECK_FAILS(nexus_loader_new(fixture("documented"), NULL, 0, &loader, &error),
                NEXUS_ERR_PYTHON_NOT_FOUND, "/no/such/python");
    CHECK(loader == NULL);
    CHECK_REFUSED(nexus_import("sys", &module, &error), NEXUS_ERR_PYTHON_NOT_FOUND);
    CHECK(module == NULL);
    setenv("NEXUS_PYTHON", setting("NEXUS_TEST_EXECUTABLE"), 1);
    calls_work();
}

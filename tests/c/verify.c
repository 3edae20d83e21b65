/* NEXUS_LOADER_VERIFY: only files on a list of checksums are opened, and it is the bytes that were compared
 * that are mapped. The lists are written by sha256sum itself. */
#include "files.h"
#include "marks.h"
#include "report_check.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* --- Directories and their lists ------------------------------------------------------------------------ */

/* Runs a shell command in a directory. */
static void shell(const char *directory, const char *command) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        if (chdir(directory) == 0) execl("/bin/sh", "sh", "-ec", command, (char *)NULL);
        _exit(127);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK_SEEN(status == 0, "%s: status %#x", command, status);
}

/* A fresh directory with copies of the three documented modules. */
static const char *modules(void) {
    static char path[4096];
    snprintf(path, sizeof path, "%s", scratch("modules"));
    CHECK(mkdir(path, 0700) == 0);
    static const char *const names[] = {"crypto.so", "database.so", "network.so"};
    for (int i = 0; i < 3; i++) copy_file(joined(fixture("documented"), names[i]), joined(path, names[i]));
    return path;
}

static const char *listed_modules(void) {
    const char *path = modules();
    shell(path, "sha256sum *.so > SHA256SUMS");
    return path;
}

static NexusLoader *open_verified_with(const char *path, NexusLoaderOptions options) {
    options.flags |= NEXUS_LOADER_VERIFY;
    return open_with(path, options);
}

static NexusLoader *open_verified(const char *path) { return open_verified_with(path, (NexusLoaderOptions){0}); }

static void check_open_fails(const char *path, NexusLoaderOptions options, NexusStatus status, uint32_t detail,
                             const char *part) {
    NexusLoader *loader = (NexusLoader *)(uintptr_t)0x5a5a;
    options.struct_size = sizeof options;
    options.flags |= NEXUS_LOADER_VERIFY;
    CHECK_ERROR(nexus_loader_open(path, &options, &loader, &error), status);
    CHECK(loader == NULL);
    CHECK_CONTAINS(nexus_error_message(error), part);
    CHECK_NUMBER(nexus_error_detail(error), detail);
    DROP(error);
}

static void check_loaded(const NexusLoader *loader, const char *name) {
    check_state(loader, name, NEXUS_STATE_LOADED, NEXUS_OK, 0, "");
}

static void check_refused(const NexusLoader *loader, const char *name, uint32_t detail, const char *part) {
    check_state(loader, name, NEXUS_STATE_FAILED, NEXUS_ERR_NOT_ALLOWED, detail, part);
    CHECK(!nexus_loader_contains(loader, name));
}

/* --- Lists ------------------------------------------------------------------------------------------------ */

CASE(listed_modules_load_from_copies_that_nobody_can_change) {
    const char *path = listed_modules();
    NexusLoader *loader = open_verified(path);
    CHECK_NUMBER(nexus_loader_count(loader), 3);
    CHECK(!mapped(path));
    CHECK(mapped("crypto.so"));
    NexusObject *crypto = get(loader, "crypto");
    CHECK_TEXT(text_with("it.__file__", nexus_value_object(crypto)), joined(path, "crypto.so"));
    discard(call1(crypto, "encrypt", nexus_value_text("x", 1)));
    nexus_object_free(crypto);
    /* Written over in place: what runs does not notice. */
    write_text(joined(path, "crypto.so"), "gone\n");
    crypto = get(loader, "crypto");
    discard(call1(crypto, "encrypt", nexus_value_text("x", 1)));
    nexus_object_free(crypto);
    nexus_loader_free(loader);
}

CASE(every_format_of_sha256sum) {
    static const char *const commands[] = {
        "sha256sum *.so > SHA256SUMS",
        "sha256sum -b *.so > SHA256SUMS",
        "sha256sum --tag *.so > SHA256SUMS",
        "sha256sum ./*.so > SHA256SUMS",
        "sha256sum \"$PWD\"/*.so > SHA256SUMS",
        "sha256sum *.so | sed 's/$/\\r/' > SHA256SUMS",
        "sha256sum *.so | tr a-f A-F | sed 's/ .*//' > sums; ls *.so | sed 's/^/  /' | paste -d '' sums - > SHA256SUMS",
        "{ echo '# our modules'; sha256sum crypto.so; echo; sha256sum database.so network.so; } > SHA256SUMS",
    };
    const char *path = modules();
    for (size_t i = 0; i < COUNT(commands); i++) {
        shell(path, commands[i]);
        NexusLoader *loader = open_verified(path);
        CHECK_SEEN(nexus_loader_count(loader) == 3, "%s", commands[i]);
        nexus_loader_free(loader);
    }
}

/* In such a line sha256sum escapes the name, and says so with a backslash before the sum. What follows shows
 * that the list has let them through. */
CASE(names_that_sha256sum_escapes) {
    const char *path = modules();
    copy_file(joined(path, "crypto.so"), joined(path, "new\nline.so"));
    copy_file(joined(path, "crypto.so"), joined(path, "back\\slash.so"));
    copy_file(joined(path, "crypto.so"), joined(path, " blanks .so"));
    copy_file(joined(path, "crypto.so"), joined(path, "*star.so"));
    copy_file(joined(path, "crypto.so"), joined(path, "gr\xc3\xb6\xc3\x9f.so"));
    copy_file(joined(path, "crypto.so"), joined(path, "caf\xe9.so"));
    shell(path, "sha256sum -- *.so > SHA256SUMS && grep -q '^[\\]' SHA256SUMS");
    NexusLoader *loader = open_verified(path);
    static const char *const names[] = {"new\nline", "back\\slash", " blanks ", "*star", "gr\xc3\xb6\xc3\x9f"};
    for (size_t i = 0; i < COUNT(names); i++)
        check_state(loader, names[i], NEXUS_STATE_FAILED, NEXUS_ERR_LOAD_FAILED, NEXUS_DETAIL_INIT_SYMBOL_NAME,
                    "PyInit_crypto");
    check_state(loader, "caf\xef\xbf\xbd", NEXUS_STATE_FAILED, NEXUS_ERR_LOAD_FAILED, NEXUS_DETAIL_NAME_NOT_UTF8, "UTF-8");
    loaded(loader, 3);
}

CASE(unlisted_and_changed_files_are_not_opened) {
    begin_marks();
    const char *path = modules();
    shell(path, "sha256sum crypto.so database.so > SHA256SUMS");
    copy_file(fixture("odd/a_good.so"), joined(path, "database.so"));
    NexusLoader *loader = open_verified(path);
    check_loaded(loader, "crypto");
    check_refused(loader, "network", NEXUS_DETAIL_NOT_ON_ALLOW_LIST, "SHA256SUMS does not list network.so");
    check_refused(loader, "database", NEXUS_DETAIL_HASH_DIFFERS, "the list says");
    CHECK_NUMBER(read_marks()->count, 1);
    NexusObject *module = NULL;
    get_fails(loader, "network", NEXUS_ERR_NOT_LOADED, NEXUS_DETAIL_NOT_ON_ALLOW_LIST);
    /* Nor is there another way to them. */
    CHECK_ERROR(nexus_import("network", &module, &error), NEXUS_ERR_EXCEPTION);
    CHECK_TEXT(nexus_error_exception(error), "builtins.ImportError");
    CHECK_CONTAINS(nexus_error_message(error), "does not list");
    DROP(error);
    CHECK_NUMBER(read_marks()->count, 1);
    nexus_loader_free(loader);
}

CASE(no_list_or_a_bad_one) {
    const char *path = modules();
    check_open_fails(path, (NexusLoaderOptions){.flags = 0}, NEXUS_ERR_NOT_ALLOWED, 0, "there is no list");
    write_text(joined(path, "SHA256SUMS"), "abc  crypto.so\n");
    check_open_fails(path, (NexusLoaderOptions){.flags = 0}, NEXUS_ERR_NOT_ALLOWED, 0, "line 1");
    shell(path, "sha256sum crypto.so > SHA256SUMS; echo 'MD5 (x) = 00' >> SHA256SUMS");
    check_open_fails(path, (NexusLoaderOptions){.flags = 0}, NEXUS_ERR_NOT_ALLOWED, 0, "line 2");
    shell(path, "sha256sum crypto.so > SHA256SUMS; tail -c +2 SHA256SUMS > x; sed 's/^/0/' x >> SHA256SUMS");
    shell(path, "sed -i '2s/^./1/;1s/^./2/' SHA256SUMS");
    check_open_fails(path, (NexusLoaderOptions){.flags = 0}, NEXUS_ERR_NOT_ALLOWED, 0, "lines 1 and 2 give different sums");
    shell(path, "rm SHA256SUMS; mkfifo SHA256SUMS");
    check_open_fails(path, (NexusLoaderOptions){.flags = 0}, NEXUS_ERR_IO, NEXUS_DETAIL_READ_FAILED, "not a regular file");
    /* An empty list allows nothing. */
    shell(path, "rm SHA256SUMS; touch SHA256SUMS");
    NexusLoader *loader = open_verified(path);
    CHECK_NUMBER(nexus_loader_count(loader), 0);
    check_refused(loader, "crypto", NEXUS_DETAIL_NOT_ON_ALLOW_LIST, "does not list");
    nexus_loader_free(loader);
}

CASE(a_list_somewhere_else) {
    const char *path = modules();
    CHECK(mkdir(scratch("lists"), 0700) == 0);
    shell(path, "sha256sum \"$PWD\"/crypto.so > ../lists/absolute; cd ../lists; sha256sum ../modules/network.so > relative");
    NexusLoader *loader = open_verified_with(path, (NexusLoaderOptions){.allow_list = scratch("lists/absolute")});
    check_loaded(loader, "crypto");
    loaded(loader, 1);
    loader = open_verified_with(path, (NexusLoaderOptions){.allow_list = scratch("lists/relative")});
    check_loaded(loader, "network");
    loaded(loader, 1);
    check_open_fails(path, (NexusLoaderOptions){.allow_list = scratch("lists/none")}, NEXUS_ERR_NOT_ALLOWED, 0, "there is no list");
    check_open_fails(path, (NexusLoaderOptions){.allow_list = ""}, NEXUS_ERR_NOT_ALLOWED, 0, "there is no list");
}

/* --- Links -------------------------------------------------------------------------------------------------- */

CASE(links_that_leave_the_directory) {
    begin_marks();
    const char *path = modules();
    CHECK(mkdir(scratch("outside"), 0700) == 0 && mkdir(joined(path, "inside"), 0700) == 0);
    copy_file(fixture("odd/a_good.so"), scratch("outside/a_good.so"));
    copy_file(fixture("odd/z_good.so"), scratch("outside/z_good.so"));
    copy_file(fixture("odd/m_good.so"), joined(path, "inside/m_good.so"));
    CHECK(symlink("../outside/a_good.so", joined(path, "a_good.so")) == 0);
    CHECK(symlink("../outside", joined(path, "linked")) == 0);
    CHECK(symlink("inside/m_good.so", joined(path, "m_good.so")) == 0);
    const char *absolute = formatted("%s/crypto.so", path);
    CHECK(rename(joined(path, "network.so"), joined(path, "inside/network.so")) == 0);
    absolute = formatted("%s/inside/network.so", path);
    CHECK(symlink(absolute, joined(path, "network.so")) == 0);
    /* sha256sum follows them all. */
    shell(path, "sha256sum *.so inside/*.so linked/*.so > SHA256SUMS");
    NexusLoader *loader = open_verified_with(path, (NexusLoaderOptions){.flags = NEXUS_LOADER_RECURSIVE});
    check_loaded(loader, "crypto");
    check_loaded(loader, "m_good");
    check_refused(loader, "a_good", NEXUS_DETAIL_OUTSIDE_DIRECTORY, "leads out of");
    check_refused(loader, "linked.z_good", NEXUS_DETAIL_OUTSIDE_DIRECTORY, "leads out of");
    check_refused(loader, "network", NEXUS_DETAIL_OUTSIDE_DIRECTORY, "is absolute");
    CHECK_NUMBER(opened(read_marks(), "a_good.so", true) + opened(read_marks(), "z_good.so", true), 0);
    nexus_loader_free(loader);
}

/* The directory itself may be reached through one. */
CASE(a_link_to_the_directory) {
    const char *path = listed_modules();
    CHECK(symlink("modules", scratch("link")) == 0);
    NexusLoader *one = open_verified(path), *two = open_verified(scratch("link"));
    CHECK_NUMBER(nexus_loader_count(one), 3);
    CHECK_NUMBER(nexus_loader_count(two), 3);
    FREE_LOADERS(one, two);
}

/* --- Who may write -------------------------------------------------------------------------------------------- */

static const NexusLoaderOptions strict = {.flags = NEXUS_LOADER_STRICT};

CASE(strict_about_who_may_write) {
    const char *path = listed_modules();
    CHECK(chmod(path, 0700) == 0);
    loaded(open_verified_with(path, strict), 3);
    static const mode_t modes[] = {0770, 0707, 01777};
    for (int i = 0; i < 3; i++) {
        CHECK(chmod(path, modes[i]) == 0);
        check_open_fails(path, strict, NEXUS_ERR_NOT_ALLOWED, NEXUS_DETAIL_WRITABLE_DIRECTORY, "chmod go-w");
        /* Only on request. */
        nexus_loader_free(open_verified(path));
    }
    CHECK(chmod(path, 0755) == 0 && chmod(joined(path, "SHA256SUMS"), 0666) == 0);
    check_open_fails(path, strict, NEXUS_ERR_NOT_ALLOWED, NEXUS_DETAIL_WRITABLE_DIRECTORY, "SHA256SUMS");
    CHECK(chmod(joined(path, "SHA256SUMS"), 0644) == 0 && chmod(joined(path, "database.so"), 0622) == 0);
    NexusLoader *loader = open_verified_with(path, strict);
    CHECK_NUMBER(nexus_loader_count(loader), 2);
    check_refused(loader, "database", NEXUS_DETAIL_WRITABLE_DIRECTORY, "database.so");
    nexus_loader_free(loader);
}

CASE(strict_about_folders_on_the_way) {
    const char *path = modules();
    CHECK(mkdir(joined(path, "part"), 0700) == 0);
    copy_file(fixture("odd/a_good.so"), joined(path, "part/a_good.so"));
    shell(path, "sha256sum *.so part/*.so > SHA256SUMS; chmod 775 part; chmod 755 .");
    NexusLoader *loader = open_verified_with(path, (NexusLoaderOptions){.flags = NEXUS_LOADER_STRICT | NEXUS_LOADER_RECURSIVE});
    CHECK_NUMBER(nexus_loader_count(loader), 3);
    check_refused(loader, "part.a_good", NEXUS_DETAIL_WRITABLE_DIRECTORY, "/part");
    nexus_loader_free(loader);
}

/* Only root can give files away, so only there can it be seen. */
CASE(strict_about_owners) {
    const char *path = listed_modules();
    CHECK(chmod(path, 0755) == 0);
    bool is_root = geteuid() == 0;
    CHECK_NUMBER(chown(joined(path, "network.so"), 12345, (gid_t)-1) == 0, is_root);
    NexusLoader *loader = open_verified_with(path, strict);
    if (is_root)
        check_refused(loader, "network", NEXUS_DETAIL_UNTRUSTED_OWNER, "12345");
    else
        check_loaded(loader, "network");
    nexus_loader_free(loader);
    CHECK_NUMBER(chown(path, 12345, (gid_t)-1) == 0, is_root);
    if (is_root) check_open_fails(path, strict, NEXUS_ERR_NOT_ALLOWED, NEXUS_DETAIL_UNTRUSTED_OWNER, "12345");
}

CASE(strict_alone_is_a_mistake) {
    NexusLoader *loader = NULL;
    NexusLoaderOptions options = {.struct_size = sizeof options, .flags = NEXUS_LOADER_STRICT};
    CHECK_FAILS(nexus_loader_open(fixture("documented"), &options, &loader, &error),
                NEXUS_ERR_INVALID_ARGUMENT, "NEXUS_LOADER_VERIFY");
}

/* --- Files that change ------------------------------------------------------------------------------------------ */

/* Called after the file was compared for the first time. */
static int32_t replace_it(const char *name, const char *path, void *user_data) {
    if (strcmp(name, "database") != 0) return 1;
    if (strcmp(user_data, "rename") == 0) {
        copy_file(fixture("odd/a_good.so"), scratch("evil"));
        CHECK(rename(scratch("evil"), path) == 0);
    } else if (strcmp(user_data, "in place") == 0) {
        copy_file(fixture("odd/a_good.so"), path);
    } else if (strcmp(user_data, "link") == 0) {
        CHECK(unlink(path) == 0 && symlink(fixture("odd/a_good.so"), path) == 0);
    } else {
        CHECK(unlink(path) == 0 && mkfifo(path, 0600) == 0);
    }
    return 1;
}

static void check_replaced(char *how, NexusStatus status, uint32_t detail) {
    begin_marks();
    const char *path = listed_modules();
    NexusLoader *loader = open_verified_with(path, (NexusLoaderOptions){.filter = replace_it, .user_data = how});
    check_loaded(loader, "crypto");
    check_state(loader, "database", NEXUS_STATE_FAILED, status, detail, "");
    check_loaded(loader, "network");
    CHECK_NUMBER(read_marks()->count, 2);
    nexus_loader_free(loader);
}

CASE(replaced_by_rename_after_hashing) { check_replaced("rename", NEXUS_ERR_NOT_ALLOWED, NEXUS_DETAIL_HASH_DIFFERS); }

CASE(written_over_after_hashing) { check_replaced("in place", NEXUS_ERR_NOT_ALLOWED, NEXUS_DETAIL_HASH_DIFFERS); }

CASE(replaced_by_a_link_after_hashing) { check_replaced("link", NEXUS_ERR_NOT_ALLOWED, NEXUS_DETAIL_OUTSIDE_DIRECTORY); }

CASE(replaced_by_a_fifo_after_hashing) { check_replaced("fifo", NEXUS_ERR_NOT_ALLOWED, NEXUS_DETAIL_NOT_REGULAR_FILE); }

CASE(lazy_modules_are_compared_at_their_first_use) {
    begin_marks();
    const char *path = listed_modules();
    NexusLoader *loader = open_verified_with(path, (NexusLoaderOptions){.flags = NEXUS_LOADER_LAZY});
    copy_file(fixture("odd/a_good.so"), joined(path, "database.so"));
    get_fails(loader, "database", NEXUS_ERR_NOT_ALLOWED, NEXUS_DETAIL_HASH_DIFFERS);
    nexus_object_free(get(loader, "crypto"));
    CHECK_NUMBER(read_marks()->count, 1);
    nexus_loader_free(loader);
}

/* What was loaded before nobody has compared with anything: the file may have been another one then. */
CASE(loaded_before_without_the_list) {
    const char *path = listed_modules();
    NexusLoader *before = open_verified_with(path, (NexusLoaderOptions){.modules = (const char *const[]){"crypto"}, .module_count = 1});
    nexus_loader_free(before);
    NexusLoader *unverified = open_with(path, (NexusLoaderOptions){.modules = (const char *const[]){"database"}, .module_count = 1});
    NexusLoader *loader = open_verified(path);
    check_loaded(loader, "crypto");
    check_loaded(loader, "network");
    check_refused(loader, "database", NEXUS_DETAIL_NOT_VERIFIED, "loaded earlier");
    FREE_LOADERS(loader, unverified);
}

CASE(imported_before_without_the_list) {
    const char *path = listed_modules();
    const char *source = formatted("import sys; sys.path.append('%s'); import database", path);
    run_python(source);
    NexusLoader *loader = open_verified(path);
    check_refused(loader, "database", NEXUS_DETAIL_NOT_VERIFIED, "loaded earlier");
    check_loaded(loader, "network");
    nexus_loader_free(loader);
}

CASE(twice_is_the_same_module) {
    const char *path = listed_modules();
    NexusLoader *one = open_verified(path), *two = open_verified(path);
    NexusObject *a = get(one, "network"), *b = get(two, "network");
    CHECK_NUMBER(id_of(a), id_of(b));
    FREE_OBJECTS(a, b);
    FREE_LOADERS(one, two);
}

/* --- What a module needs ------------------------------------------------------------------------------------------ */

/* The wheel of fixtures/wheel, whole or without what is named. */
static const char *wheel(const char *without) {
    static char path[4096];
    char command[8192];
    snprintf(path, sizeof path, "%s", scratch("wheel"));
    snprintf(command, sizeof command,
             "cp -r '%s' wheel; cd wheel; rm -rf pkg/__pycache__; find . -name '*.cmd' -delete -o -name '*.d' -delete; "
             "find . -type f ! -name '%s' | xargs sha256sum > SHA256SUMS",
             fixture("wheel"), without);
    shell(setting("NEXUS_TEST_SCRATCH"), command);
    return path;
}

static NexusLoader *open_wheel(const char *path) {
    return open_verified_with(path, (NexusLoaderOptions){.flags = NEXUS_LOADER_RECURSIVE});
}

CASE(libraries_of_the_directory_are_verified_too) {
    begin_marks();
    const char *path = wheel("none");
    NexusLoader *loader = open_wheel(path);
    check_loaded(loader, "pkg._core");
    check_loaded(loader, "pkg._more");
    check_loaded(loader, "beside");
    CHECK(!mapped(path));
    CHECK(mapped("libvendored-1a2b"));
    CHECK(mapped("libbeside_for_test"));
    nexus_loader_free(loader);
}

CASE(an_unlisted_library_is_not_opened) {
    begin_marks();
    NexusLoader *loader = open_wheel(wheel("libbeside_for_test.so"));
    check_refused(loader, "beside", NEXUS_DETAIL_NOT_ON_ALLOW_LIST, "libbeside_for_test.so");
    check_loaded(loader, "pkg._core");
    CHECK_NUMBER(opened(read_marks(), "libbeside_for_test.so", true), 0);
    CHECK(!mapped("libbeside_for_test"));
    CHECK(!mapped("/beside.so"));
    nexus_loader_free(loader);
}

CASE(a_changed_library_is_not_opened) {
    begin_marks();
    const char *path = wheel("none");
    copy_file(fixture("odd/helper.so"), joined(path, "pkg.libs/libvendored-1a2b.so.1"));
    NexusLoader *loader = open_wheel(path);
    check_refused(loader, "pkg._core", NEXUS_DETAIL_HASH_DIFFERS, "libvendored-1a2b.so.1");
    check_loaded(loader, "beside");
    CHECK(!mapped("libvendored"));
    nexus_loader_free(loader);
}

CASE(sources_of_packages_are_verified_too) {
    NexusLoader *loader = open_wheel(wheel("__init__.py"));
    check_refused(loader, "pkg._core", NEXUS_DETAIL_NOT_ON_ALLOW_LIST, "__init__.py");
    check_loaded(loader, "beside");
    nexus_loader_free(loader);
}

CASE(changed_sources_are_not_run) {
    const char *path = wheel("none");
    write_text(joined(path, "pkg/__init__.py"), "import sys\nsys.evil = True\n");
    NexusLoader *loader = open_wheel(path);
    check_refused(loader, "pkg._core", NEXUS_DETAIL_HASH_DIFFERS, "__init__.py");
    CHECK_PYTHON("not hasattr(__import__('sys'), 'evil')");
    nexus_loader_free(loader);
}

/* Bytecode is not on any list. This one is newer than the source, as Python wants it. */
CASE(cached_bytecode_is_not_run) {
    const char *path = wheel("none");
    const char *source = formatted("import importlib.util, marshal, os, py_compile\n"
                                   "source = '%s/pkg/__init__.py'\n"
                                   "cached = importlib.util.cache_from_source(source)\n"
                                   "py_compile.compile(source, cached)\n"
                                   "head = open(cached, 'rb').read()[:16]\n"
                                   "evil = compile('import sys; sys.evil = True', source, 'exec')\n"
                                   "open(cached, 'wb').write(head + marshal.dumps(evil))\n",
                                   path);
    run_python(source);
    NexusLoader *loader = open_wheel(path);
    check_loaded(loader, "pkg._core");
    CHECK_PYTHON("not hasattr(__import__('sys'), 'evil')");
    nexus_loader_free(loader);
}

/* --- Others -------------------------------------------------------------------------------------------------------- */

CASE(listed_files_are_inspected_like_others) {
    begin_marks();
    const char *path = modules();
    copy_file(fixture("odd/helper.so"), joined(path, "helper.so"));
    copy_file(fixture("odd/raises_value_error.so"), joined(path, "raises_value_error.so"));
    shell(path, "head -c 9000 crypto.so > cut.so; echo text > text.so; mkfifo pipe.so; sha256sum [a-oq-z]*.so > SHA256SUMS");
    NexusLoader *loader = open_verified(path);
    check_state(loader, "cut", NEXUS_STATE_FAILED, NEXUS_ERR_LOAD_FAILED, NEXUS_DETAIL_TRUNCATED, "cut off");
    check_state(loader, "text", NEXUS_STATE_FAILED, NEXUS_ERR_LOAD_FAILED, NEXUS_DETAIL_TEXT_FILE, "text");
    check_state(loader, "pipe", NEXUS_STATE_SKIPPED, NEXUS_OK, NEXUS_DETAIL_NOT_REGULAR_FILE, "FIFO");
    check_state(loader, "helper", NEXUS_STATE_SKIPPED, NEXUS_OK, NEXUS_DETAIL_HELPER_LIBRARY, "no PyInit");
    check_state(loader, "raises_value_error", NEXUS_STATE_FAILED, NEXUS_ERR_LOAD_FAILED, NEXUS_DETAIL_INIT_RAISED, "wrong value");
    CHECK_NUMBER(nexus_loader_count(loader), 3);
    CHECK_NUMBER(opened(read_marks(), "helper.so", true), 0);
    nexus_loader_free(loader);
}

/* The interpreter opens its own modules itself, from their files. */
CASE(the_interpreters_own_modules_cannot_be_verified) {
    const char *dynload = setting("NEXUS_TEST_DYNLOAD");
    char command[8192], name[256] = "";
    snprintf(command, sizeof command, "sha256sum \"$PWD\"/*.so > '%s'; ls *.so | sed 's/[.].*//;q' > '%s'", scratch("own"),
             scratch("name"));
    shell(dynload, command);
    FILE *stream = fopen(scratch("name"), "r");
    CHECK(stream && fscanf(stream, "%255s", name) == 1 && fclose(stream) == 0);
    NexusLoader *loader = open_verified_with(dynload, (NexusLoaderOptions){.allow_list = scratch("own"),
                                                                  .modules = (const char *const[]){name},
                                                                  .module_count = 1});
    check_state(loader, name, NEXUS_STATE_FAILED, NEXUS_ERR_NOT_SUPPORTED, 0, "interpreter's own");
    nexus_loader_free(loader);
}

CASE(names_of_the_standard_library) {
    const char *path = modules();
    copy_file(fixture("stdlib/json.so"), joined(path, "json.so"));
    copy_file(fixture("stdlib_single/math.so"), joined(path, "math.so"));
    shell(path, "sha256sum *.so > SHA256SUMS");
    NexusLoader *loader = open_verified(path);
    check_loaded(loader, "json");
    run_python("import json, math; assert json.loads('[1]') == [1] and math.sqrt(9) == 3");
    nexus_loader_free(loader);
}

/* nexus_inspect: files of every kind are told apart with no Python in the process, and nothing of them
 * is opened. */
#include "files.h"
#include "nexus_check.h"

#include <dirent.h>
#include <sys/stat.h>

static NexusInspection *inspect_for(const char *path, uint32_t version) {
    NexusError *error = POISON;
    NexusInspection *inspection = POISON;
    CHECK_OK(nexus_inspect_for(path, version, &inspection, &error));
    CHECK(inspection != NULL && inspection != POISON);
    return inspection;
}

static NexusInspection *inspect(const char *path) {
    NexusError *error = POISON;
    NexusInspection *inspection = POISON;
    CHECK_OK(nexus_inspect(path, &inspection, &error));
    CHECK(inspection != NULL && inspection != POISON);
    return inspection;
}

static NexusInspectionFacts facts_of(const NexusInspection *inspection) {
    NexusInspectionFacts facts = {.struct_size = sizeof facts};
    CHECK_STATUS(nexus_inspection_facts(inspection, &facts, NULL), NEXUS_OK);
    return facts;
}

/* What is said must fit together, whatever the file is. */
static void check_consistent(const NexusInspection *inspection, const char *path) {
    NexusInspectionFacts facts = facts_of(inspection);
    uint32_t detail = facts.detail;
    CHECK_CONTAINS(nexus_inspection_report(inspection), path);
    CHECK_CONTAINS(nexus_inspection_json(inspection), "\"verdict\"");
    if (detail == 0) {
        CHECK_NUMBER(facts.verdict, NEXUS_VERDICT_MODULE);
        CHECK(facts.problems.count == 0 && facts.problems.items == NULL);
        CHECK_TEXT(facts.message, "");
        CHECK_TEXT(facts.cure, "");
    } else {
        char first[8192];
        snprintf(first, sizeof first, "%u %s: %s", detail, nexus_detail_name(detail), facts.message);
        CHECK(facts.problems.count > 0);
        CHECK_TEXT(facts.problems.items[0], first);
        CHECK_TEXT(facts.cure, nexus_detail_cure(detail));
        CHECK_CONTAINS(nexus_inspection_report(inspection), first);
        CHECK(facts.cure[0] && nexus_detail_cause(detail)[0]);
    }
    if (facts.verdict == NEXUS_VERDICT_MODULE)
        CHECK(facts.init_symbol[0]);
    else
        CHECK_TEXT(facts.init_symbol, "");
}

/* Inspects one file, which must be that. */
static void check_is(const char *path, NexusVerdict verdict, uint32_t detail) {
    NexusInspection *inspection = inspect(path);
    NexusInspectionFacts facts = facts_of(inspection);
    CHECK_SEEN(facts.verdict == verdict && facts.detail == detail, "expected %d, %u:\n%s", (int)verdict, detail,
               nexus_inspection_report(inspection));
    check_consistent(inspection, path);
    nexus_inspection_free(inspection);
}

/* The path of a mapped file whose name begins so. */
static const char *mapped_file(const char *name) {
    static char line[8192];
    const char *part = formatted("/%s", name);
    FILE *maps = fopen("/proc/self/maps", "r");
    CHECK(maps != NULL);
    while (fgets(line, sizeof line, maps)) {
        if (!strstr(line, part)) continue;
        fclose(maps);
        line[strcspn(line, "\n")] = '\0';
        return strchr(line, '/');
    }
    FAIL("%s is not mapped", name);
}

static bool ends_with(const char *text, const char *end) {
    size_t size = strlen(text), tail = strlen(end);
    return size >= tail && strcmp(text + size - tail, end) == 0;
}

/* Calls `each` for the .so files of a directory; returns how many there are. */
static size_t each_module(const char *directory, void (*each)(const char *path, const char *name)) {
    DIR *stream = opendir(directory);
    CHECK_SEEN(stream != NULL, "%s", directory);
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(stream));) {
        if (!ends_with(entry->d_name, ".so")) continue;
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", directory, entry->d_name);
        each(path, entry->d_name);
        count++;
    }
    closedir(stream);
    return count;
}

static uint32_t version_under_test(void) {
    unsigned major = 0, minor = 0;
    CHECK_NUMBER(sscanf(setting("NEXUS_TEST_VERSION"), "%u.%u", &major, &minor), 2);
    return major << 16 | minor << 8;
}

static bool has_line(NexusTextList list, const char *line) {
    bool found = false;
    for (size_t i = 0; i < list.count; i++) found |= strcmp(list.items[i], line) == 0;
    return found;
}

/* --- Facts ------------------------------------------------------------------------------------------ */

CASE(a_module) {
    const char *path = fixture("documented/crypto.so");
    NexusInspection *inspection = inspect(path);
    NexusInspectionFacts facts = facts_of(inspection);
    check_consistent(inspection, path);
    CHECK_NUMBER(facts.verdict, NEXUS_VERDICT_MODULE);
    CHECK_NUMBER(facts.detail, 0);
    CHECK_TEXT(facts.module_name, "crypto");
    CHECK_TEXT(facts.init_symbol, "PyInit_crypto");
    CHECK(has_line(facts.init_symbols, "PyInit_crypto"));
    CHECK_TEXT(facts.format, "ELF");
    CHECK_NUMBER(facts.bits, sizeof(void *) * 8);
#if defined(__x86_64__)
    CHECK_TEXT(facts.machine, "x86_64");
#elif defined(__aarch64__)
    CHECK_TEXT(facts.machine, "aarch64");
#endif
    CHECK_TEXT(facts.platform, "linux");
    CHECK_TEXT(facts.abi_tag, "");
    CHECK_NUMBER(facts.python_version, 0);
    CHECK(!facts.stable_abi);
    CHECK(!facts.free_threaded);
    CHECK_NUMBER(facts.missing.count, 0);
    CHECK_NUMBER(facts.missing_versions.count, 0);
    CHECK_NUMBER(facts.missing_python_symbols.count, 0);
    CHECK_NUMBER(facts.openmp.count, 0);
    CHECK_NUMBER(facts.tls_size, 0);
    CHECK(!facts.static_tls);
    CHECK_CONTAINS(facts.judged_for, "CPython 3.");
    CHECK_CONTAINS(nexus_inspection_report(inspection), "PyInit_crypto");
    CHECK_CONTAINS(nexus_inspection_json(inspection), "\"init_symbol\": \"PyInit_crypto\"");
    nexus_inspection_free(inspection);
}

CASE(the_c_library) {
    /* It calls printf; crypto.so needs no library at all. */
    NexusInspection *inspection = inspect(fixture("odd/prints.so"));
    NexusInspectionFacts facts = facts_of(inspection);
#ifdef __GLIBC__
    CHECK_TEXT(facts.c_library, "glibc");
    CHECK(has_line(facts.needed, "libc.so.6"));
#endif
    CHECK(facts.needed.count > 0);
    nexus_inspection_free(inspection);
}

CASE(python_functions_that_this_python_does_not_have) {
    const char *path = fixture("tree/needs_python.so");
    check_is(path, NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_MISSING_PYTHON_SYMBOL);
    NexusInspection *inspection = inspect(path);
    NexusInspectionFacts facts = facts_of(inspection);
    CHECK_NUMBER(facts.missing_python_symbols.count, 1);
    CHECK(has_line(facts.missing_python_symbols, "PyNexus_NobodyHasIt"));
    CHECK_NUMBER(facts.problems.count, 1);
    nexus_inspection_free(inspection);
    /* Of a version nothing is known but the number. */
    inspection = inspect_for(path, version_under_test());
    facts = facts_of(inspection);
    CHECK_NUMBER(facts.detail, 0);
    CHECK_NUMBER(facts.missing_python_symbols.count, 0);
    nexus_inspection_free(inspection);
}

CASE(judged_for_the_python_that_would_be_taken) {
    NexusInspection *inspection = inspect(fixture("documented/crypto.so"));
    NexusInspectionFacts facts = facts_of(inspection);
    char expected[64];
    uint32_t version = version_under_test();
    snprintf(expected, sizeof expected, "CPython %u.%u on ", version >> 16, version >> 8 & 0xff);
    CHECK_CONTAINS(facts.judged_for, expected);
    CHECK_CONTAINS(facts.judged_for, "libpython");
    nexus_inspection_free(inspection);
    CHECK_STATUS(nexus_python_info(&(NexusPythonInfo){.struct_size = sizeof(NexusPythonInfo)}, NULL),
                 NEXUS_ERR_NOT_STARTED);
}

CASE(tags_and_other_versions) {
    uint32_t version = version_under_test(), other = version + 0x100;
    char tagged[64];
    snprintf(tagged, sizeof tagged, "which.cpython-%u%u-", version >> 16, version >> 8 & 0xff);
    DIR *stream = opendir(fixture("which"));
    CHECK(stream != NULL);
    size_t seen = 0;
    for (struct dirent *entry; (entry = readdir(stream));) {
        if (!ends_with(entry->d_name, ".so") || strncmp(entry->d_name, tagged, strlen(tagged)) != 0) continue;
        const char *path = joined(fixture("which"), entry->d_name);
        check_is(path, NEXUS_VERDICT_MODULE, 0);
        NexusInspection *inspection = inspect_for(path, other | 7);
        NexusInspectionFacts facts = facts_of(inspection);
        CHECK_NUMBER(facts.verdict, NEXUS_VERDICT_HOPELESS);
        CHECK_NUMBER(facts.detail, NEXUS_DETAIL_PYTHON_VERSION);
        CHECK_NUMBER(facts.python_version, version);
        CHECK_CONTAINS(facts.abi_tag, "cpython-3");
        CHECK_CONTAINS(facts.message, "built for CPython 3.");
        CHECK_TEXT(facts.module_name, "which");
        nexus_inspection_free(inspection);
        seen++;
    }
    closedir(stream);
    CHECK_NUMBER(seen, 1);
    const char *stable = fixture("which/which.abi3.so");
    for (uint32_t minor = 11; minor <= 15; minor++) {
        NexusInspection *inspection = inspect_for(stable, 3u << 16 | minor << 8);
        NexusInspectionFacts facts = facts_of(inspection);
        CHECK_NUMBER(facts.verdict, NEXUS_VERDICT_MODULE);
        CHECK(facts.stable_abi);
        CHECK_TEXT(facts.abi_tag, "abi3");
        nexus_inspection_free(inspection);
    }
}

CASE(the_package_is_in_the_name) {
    CHECK(chdir(scratch("")) == 0);
    CHECK(mkdir("outer", 0777) == 0 && mkdir("outer/inner", 0777) == 0);
    copy_file(fixture("documented/crypto.so"), "outer/inner/crypto.so");
    static const struct {
        const char *init, *name;
    } steps[] = {{NULL, "crypto"}, {"outer/inner/__init__.py", "inner.crypto"}, {"outer/__init__.py", "outer.inner.crypto"}};
    for (size_t i = 0; i < 3; i++) {
        if (steps[i].init) fclose(fopen(steps[i].init, "w"));
        NexusInspection *inspection = inspect("outer/inner/crypto.so");
        CHECK_TEXT(facts_of(inspection).module_name, steps[i].name);
        nexus_inspection_free(inspection);
    }
}

CASE(all_missing_libraries_with_who_needs_them) {
    const char *path = fixture("tree/module.so");
    check_is(path, NEXUS_VERDICT_MODULE, NEXUS_DETAIL_MISSING_LIBRARY);
    NexusInspection *inspection = inspect(path);
    NexusInspectionFacts facts = facts_of(inspection);
    CHECK_NUMBER(facts.missing.count, 2);
    CHECK(has_line(facts.missing, "libgone_for_test.so.2 (needed by module.so)"));
    CHECK(has_line(facts.missing, "libdeep_for_test.so.1 (needed by libnear_for_test.so, needed by module.so)"));
    CHECK_NUMBER(facts.problems.count, 2);
    CHECK(has_line(facts.needed, "libnear_for_test.so"));
    CHECK_CONTAINS(nexus_inspection_report(inspection), "libdeep_for_test.so.1 (needed by libnear_for_test.so");
    nexus_inspection_free(inspection);
    check_is(fixture("tree/libnear_for_test.so"), NEXUS_VERDICT_HELPER, NEXUS_DETAIL_HELPER_LIBRARY);
}

/* --- Files of every kind ---------------------------------------------------------------------------- */

static const struct {
    const char *name;
    NexusVerdict verdict;
    uint32_t detail;
} odd_files[] = {
    {"text.so", NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_TEXT_FILE},
    {"empty.so", NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_EMPTY},
    {"truncated.so", NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_TRUNCATED},
    {"directory.so", NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_NOT_REGULAR_FILE},
    {"pipe.so", NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_NOT_REGULAR_FILE},
    {"dangling.so", NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_BROKEN_LINK},
    {"wrong_name.so", NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_INIT_SYMBOL_NAME},
    {"helper.so", NEXUS_VERDICT_HELPER, NEXUS_DETAIL_HELPER_LIBRARY},
    {"needs_missing.so", NEXUS_VERDICT_MODULE, NEXUS_DETAIL_MISSING_LIBRARY},
};

#define ODD_FILES (COUNT(odd_files))

static size_t special;

static void check_odd(const char *path, const char *name) {
    for (size_t i = 0; i < ODD_FILES; i++) {
        if (strcmp(name, odd_files[i].name) != 0) continue;
        special++;
        check_is(path, odd_files[i].verdict, odd_files[i].detail);
        return;
    }
    if (strncmp(name, "tagged.", 7) == 0)
        check_is(path, NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_PYTHON_VERSION);
    else /* What goes wrong in the others is in their code, which nobody runs. */
        check_is(path, NEXUS_VERDICT_MODULE, 0);
}

CASE(odd_files_are_told_apart_and_none_is_opened) {
    CHECK(each_module(fixture("odd"), check_odd) > 25);
    CHECK_NUMBER(special, ODD_FILES);
    CHECK(!mapped("/odd/"));
    CHECK(!mapped("libpython"));
    CHECK(!mapped("nexus_engine"));
}

CASE(what_is_no_file) {
    const char *pipe = scratch("pipe"), *loop = scratch("loop.so");
    CHECK(mkfifo(pipe, 0600) == 0);
    check_is(pipe, NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_NOT_REGULAR_FILE);
    check_is("/dev/zero", NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_NOT_REGULAR_FILE);
    check_is("/", NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_NOT_REGULAR_FILE);
    CHECK(symlink("loop.so", loop) == 0);
    check_is(loop, NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_BROKEN_LINK);
    check_is(scratch("absent.so"), NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_VANISHED);
    NexusInspection *inspection = inspect("");
    CHECK_NUMBER(facts_of(inspection).verdict, NEXUS_VERDICT_HOPELESS);
    nexus_inspection_free(inspection);
}

CASE(cut_off_at_any_byte_it_is_no_module) {
    const char *whole = fixture("documented/crypto.so"), *cut = scratch("crypto.so");
    struct stat file;
    CHECK(stat(whole, &file) == 0);
    copy_file(whole, cut);
    for (long size = file.st_size - file.st_size % 331; size > 0; size -= 331) {
        CHECK(truncate(cut, size) == 0);
        NexusInspection *inspection = inspect(cut);
        NexusInspectionFacts facts = facts_of(inspection);
        /* What lies behind the segments, the section headers, nobody needs at run time. */
        if (facts.verdict == NEXUS_VERDICT_MODULE)
            CHECK(size > file.st_size / 2);
        else
            CHECK_NUMBER(facts.detail, NEXUS_DETAIL_TRUNCATED);
        nexus_inspection_free(inspection);
    }
}

CASE(libraries_and_programs) {
    check_is(mapped_file("libc.so.6"), NEXUS_VERDICT_HELPER, NEXUS_DETAIL_HELPER_LIBRARY);
    check_is(mapped_file("libnexus_loader.so"), NEXUS_VERDICT_HELPER, NEXUS_DETAIL_HELPER_LIBRARY);
    check_is(setting("NEXUS_TEST_LIBPYTHON"), NEXUS_VERDICT_HELPER, NEXUS_DETAIL_IS_LIBPYTHON);
    check_is("/proc/self/exe", NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_EXECUTABLE);
    check_is(setting("NEXUS_TEST_EXECUTABLE"), NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_EXECUTABLE);
#ifdef __GLIBC__
    NexusInspection *libc = inspect(mapped_file("libc.so.6"));
    CHECK(facts_of(libc).tls_size > 0);
    CHECK(facts_of(libc).static_tls);
    nexus_inspection_free(libc);
#endif
    NexusInspection *inspection = inspect(setting("NEXUS_TEST_LIBPYTHON"));
    NexusInspectionFacts facts = facts_of(inspection);
    CHECK_TEXT(facts.module_name, "");
    CHECK_TEXT(facts.init_symbol, "");
    nexus_inspection_free(inspection);
}

/* Real modules, for which any complaint is a false alarm. */
static void check_real(const char *path, const char *name) {
    (void)name;
    check_is(path, NEXUS_VERDICT_MODULE, 0);
}

static void check_not_for_99(const char *path, const char *name) {
    if (!strstr(name, ".cpython-")) return;
    NexusInspection *inspection = inspect_for(path, 3u << 16 | 99u << 8);
    CHECK_NUMBER(facts_of(inspection).detail, NEXUS_DETAIL_PYTHON_VERSION);
    nexus_inspection_free(inspection);
}

CASE(the_interpreters_own_modules_have_no_problem) {
    const char *directory = setting("NEXUS_TEST_DYNLOAD");
    CHECK(each_module(directory, check_real) > 10);
    CHECK(each_module(directory, check_not_for_99) > 10);
    CHECK(!mapped("lib-dynload"));
    CHECK(!mapped("libpython"));
}

/* --- With and without a Python ---------------------------------------------------------------------- */

CASE(without_any_python) {
    CHECK(setenv("NEXUS_PYTHON", "/no/such/python", 1) == 0);
    NexusInspection *inspection = inspect(fixture("documented/crypto.so"));
    NexusInspectionFacts facts = facts_of(inspection);
    CHECK_NUMBER(facts.verdict, NEXUS_VERDICT_MODULE);
    CHECK_TEXT(facts.judged_for, "");
    nexus_inspection_free(inspection);
    check_is(fixture("odd/truncated.so"), NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_TRUNCATED);
    check_is(fixture("odd/wrong_name.so"), NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_INIT_SYMBOL_NAME);
    check_is(fixture("odd/needs_missing.so"), NEXUS_VERDICT_MODULE, NEXUS_DETAIL_MISSING_LIBRARY);
    /* Built for some other version, which is nothing that could be held against it now. */
    char path[4096] = "";
    DIR *stream = opendir(fixture("odd"));
    for (struct dirent *entry; (entry = readdir(stream));)
        if (strncmp(entry->d_name, "tagged.", 7) == 0 && ends_with(entry->d_name, ".so"))
            snprintf(path, sizeof path, "%s/%s", fixture("odd"), entry->d_name);
    closedir(stream);
    check_is(path, NEXUS_VERDICT_MODULE, 0);
    /* Set later, it counts. */
    CHECK(setenv("NEXUS_PYTHON", setting("NEXUS_TEST_EXECUTABLE"), 1) == 0);
    check_is(path, NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_PYTHON_VERSION);
}

CASE(after_the_start_it_is_the_running_one) {
    CHECK_OK(nexus_python_start(NULL, &error));
    CHECK(setenv("NEXUS_PYTHON", "/no/such/python", 1) == 0);
    NexusPythonInfo info = {.struct_size = sizeof info};
    CHECK_OK(nexus_python_info(&info, &error));
    NexusInspection *inspection = inspect(fixture("documented/crypto.so"));
    NexusInspectionFacts facts = facts_of(inspection);
    CHECK_CONTAINS(facts.judged_for, info.library);
    CHECK_NUMBER(facts.detail, 0);
    nexus_inspection_free(inspection);
    CHECK(!mapped("/documented/"));
    inspection = inspect_for(fixture("documented/crypto.so"), info.version);
    CHECK_NUMBER(facts_of(inspection).detail, 0);
    nexus_inspection_free(inspection);
}

static void *inspect_many(void *unused) {
    for (int i = 0; i < 50; i++) {
        check_is(fixture("documented/crypto.so"), NEXUS_VERDICT_MODULE, 0);
        check_is(fixture("odd/truncated.so"), NEXUS_VERDICT_HOPELESS, NEXUS_DETAIL_TRUNCATED);
    }
    return unused;
}

CASE(threads) {
    on_threads(4, inspect_many, NULL);
}

/* --- Misuse ----------------------------------------------------------------------------------------- */

static void check_none(void *handle) {
    NexusInspectionFacts facts;
    memset(&facts, 0x5a, sizeof facts);
    facts.struct_size = sizeof facts;
    CHECK_FAILS(nexus_inspection_facts(handle, &facts, &error), NEXUS_ERR_BAD_HANDLE, "'inspection'");
    const unsigned char *bytes = (const unsigned char *)&facts;
    for (size_t i = sizeof facts.struct_size; i < sizeof facts; i++) CHECK_NUMBER(bytes[i], 0);
    CHECK_TEXT(nexus_inspection_report(handle), "");
    CHECK_TEXT(nexus_inspection_json(handle), "");
    nexus_inspection_free(handle);
}

CASE(handles_that_are_none) {
    NexusInspection *living = inspect(fixture("odd/truncated.so")), *freed = inspect(fixture("odd/text.so"));
    nexus_inspection_free(freed);
    nexus_inspection_free(freed);
    NexusNames *names = NULL;
    CHECK_STATUS(nexus_python_search(NULL, &names, NULL), NEXUS_OK);
    int variable = 0;
    void *const none[] = {NULL, freed, names, &variable, POISON, (void *)1, (void *)UINTPTR_MAX};
    for (size_t i = 0; i < COUNT(none); i++) check_none(none[i]);
    for (int bit = 0; bit < 64; bit++) check_none((void *)((uintptr_t)living ^ (uintptr_t)1 << bit));
    CHECK_NUMBER(facts_of(living).detail, NEXUS_DETAIL_TRUNCATED);
    CHECK(nexus_names_count(names) > 0);
    CHECK_NUMBER(nexus_names_count((NexusNames *)living), 0);
    nexus_names_free(names);
    nexus_inspection_free(living);
}

/* A host that was built against a header with fewer facts, or with more. */
CASE(structs_of_other_versions) {
    NexusInspection *inspection = inspect(fixture("odd/truncated.so"));
    NexusInspectionFacts whole = {.struct_size = sizeof whole};
    CHECK_STATUS(nexus_inspection_facts(inspection, &whole, NULL), NEXUS_OK);
    struct {
        NexusInspectionFacts facts;
        unsigned char rest[16];
    } host;
    const unsigned char *bytes = (const unsigned char *)&host;
    for (size_t size = sizeof(size_t); size <= sizeof host; size++) {
        memset(&host, 0x5a, sizeof host);
        host.facts.struct_size = size;
        CHECK_STATUS(nexus_inspection_facts(inspection, &host.facts, NULL), NEXUS_OK);
        CHECK_NUMBER(host.facts.struct_size, size);
        size_t known = size < sizeof whole ? size : sizeof whole;
        CHECK(memcmp(bytes + sizeof size, (unsigned char *)&whole + sizeof size, known - sizeof size) == 0);
        for (size_t i = known; i < sizeof host; i++) CHECK_NUMBER(bytes[i], i < size ? 0 : 0x5a);
    }
    const size_t wrong[] = {0, sizeof(size_t) - 1, SIZE_MAX};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        memset(&host, 0x5a, sizeof host);
        host.facts.struct_size = wrong[i];
        CHECK_FAILS(nexus_inspection_facts(inspection, &host.facts, &error), NEXUS_ERR_INVALID_ARGUMENT, "struct_size");
        for (size_t j = sizeof(size_t); j < sizeof host; j++) CHECK_NUMBER(bytes[j], 0x5a);
    }
    CHECK_FAILS(nexus_inspection_facts(inspection, NULL, &error), NEXUS_ERR_INVALID_ARGUMENT, "'facts'");
    nexus_inspection_free(inspection);
}

CASE(bad_arguments) {
    NexusInspection *inspection = POISON;
    CHECK_FAILS(nexus_inspect(NULL, &inspection, &error), NEXUS_ERR_INVALID_ARGUMENT, "'path'");
    CHECK(inspection == NULL);
    CHECK_FAILS(nexus_inspect("/", NULL, &error), NEXUS_ERR_INVALID_ARGUMENT, "'inspection'");
    CHECK_STATUS(nexus_inspect(NULL, NULL, NULL), NEXUS_ERR_INVALID_ARGUMENT);
    const uint32_t wrong[] = {1, 0x0c, 0x030c, 0x020700, 0x01030c00, UINT32_MAX};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        inspection = POISON;
        CHECK_FAILS(nexus_inspect_for("/", wrong[i], &inspection, &error),
                    NEXUS_ERR_INVALID_ARGUMENT, "0x030c00 for 3.12");
        CHECK(inspection == NULL);
    }
}

/* --- The table of details --------------------------------------------------------------------------- */

CASE(details) {
    CHECK_NUMBER(NEXUS_DETAIL_TRUNCATED, 203);
    CHECK_TEXT(nexus_detail_name(NEXUS_DETAIL_TRUNCATED), "TRUNCATED");
    CHECK_TEXT(nexus_detail_meaning(NEXUS_DETAIL_TRUNCATED), "the file is cut off");
    CHECK(nexus_details_count() > 80);
    uint32_t last = 0;
    for (size_t i = 0; i < nexus_details_count(); i++) {
        uint32_t detail = nexus_detail_at(i);
        CHECK(detail > last);
        last = detail;
        CHECK(nexus_detail_name(detail)[0] && nexus_detail_meaning(detail)[0]);
        CHECK(nexus_detail_cause(detail)[0] && nexus_detail_cure(detail)[0]);
    }
    CHECK_NUMBER(nexus_detail_at(nexus_details_count()), 0);
    CHECK_NUMBER(nexus_detail_at(SIZE_MAX), 0);
    const uint32_t none[] = {NEXUS_DETAIL_NONE, 1, 100, 199, 999, UINT32_MAX};
    for (size_t i = 0; i < COUNT(none); i++) {
        CHECK_TEXT(nexus_detail_name(none[i]), "");
        CHECK_TEXT(nexus_detail_meaning(none[i]), "");
        CHECK_TEXT(nexus_detail_cause(none[i]), "");
        CHECK_TEXT(nexus_detail_cure(none[i]), "");
    }
}

/* Modules of packages, modules that need others, and which module a name means. */
#include "marks.h"
#include "report_check.h"
#include "permissions.h"

#include <sys/stat.h>

static NexusLoader *open_recursive(const char *path) {
    return open_with(path, (NexusLoaderOptions){.flags = NEXUS_LOADER_RECURSIVE});
}

/* Of a handle that is not needed any more. */
static int64_t last_id_of(NexusObject *object) {
    int64_t id = id_of(object);
    nexus_object_free(object);
    return id;
}

static const char *text_attr(const NexusLoader *loader, const char *name, const char *attribute) {
    static char text[2][4096];
    static int turn;
    NexusValue value;
    NexusObject *module = get(loader, name);
    CHECK_OK(nexus_object_attr(module, attribute, &value, &error));
    nexus_object_free(module);
    turn = !turn;
    return text_of(value, text[turn], sizeof text[turn]);
}

static NexusLoader *open_packages(void) { return open_recursive(fixture("packages")); }

/* --- Dotted names ------------------------------------------------------------------------------------- */

CASE(modules_have_their_dotted_names) {
    static const char *const loaded[] = {
        "compiled",      "compiled._speed", "names.with.dots/plain", "shapes._speed", "shapes.area",
        "shapes.user",   "shapes.round._speed", "shapes.round.circle", "space.leaf2", "top",
    };
    NexusLoader *loader = open_packages();
    for (size_t i = 0; i < COUNT(loaded); i++) {
        check_entry(loader, loaded[i], NEXUS_STATE_LOADED, 0, "");
        CHECK(nexus_loader_contains(loader, loaded[i]));
    }
    CHECK_NUMBER(nexus_loader_count(loader), COUNT(loaded));
    reported(loader, COUNT(loaded) + 2);
    CHECK_TEXT(text_attr(loader, "shapes.area", "__name__"), "shapes.area");
    CHECK_TEXT(text_attr(loader, "shapes.round._speed", "which"), "round");
    CHECK_TEXT(text_attr(loader, "compiled._speed", "which"), "compiled");
    CHECK_TEXT(text_attr(loader, "space.leaf2", "__name__"), "space.leaf2");
    nexus_loader_free(loader);
}

/* It is the module that everybody else imports, and it was opened once. */
CASE(modules_of_packages_are_imported) {
    begin_marks();
    NexusLoader *loader = open_packages();
    CHECK_NUMBER(last_id_of(get(loader, "shapes.area")), last_id_of(import("shapes.area")));
    CHECK_NUMBER(last_id_of(get(loader, "compiled")), last_id_of(import("compiled")));
    CHECK_PYTHON("__import__('shapes').area is __import__('sys').modules['shapes.area']");
    const Marks *marks = read_marks();
    for (size_t i = 0; i < marks->count; i++)
        if (strncmp(marks->list[i].name, "_speed", 6) != 0)
            CHECK_SEEN(opened(marks, marks->list[i].name, true) == 1, "%s was opened again", marks->list[i].name);
    CHECK_NUMBER(opened(marks, "_speed.so", true), 2);
    nexus_loader_free(loader);
}

CASE(stems_where_they_are_unambiguous) {
    NexusLoader *loader = open_packages();
    CHECK_NUMBER(last_id_of(get(loader, "circle")), last_id_of(get(loader, "shapes.round.circle")));
    CHECK_NUMBER(last_id_of(get(loader, "plain")), last_id_of(get(loader, "names.with.dots/plain")));
    CHECK(nexus_loader_contains(loader, "circle"));
    CHECK(!nexus_loader_contains(loader, "_speed"));
    NexusObject *module = NULL;
    CHECK_ERROR(nexus_loader_get(loader, "_speed", &module, &error), NEXUS_ERR_AMBIGUOUS);
    CHECK(module == NULL);
    CHECK_TEXT(nexus_error_message(error), "Module '_speed' is ambiguous. Choose one of: "
                                           "['compiled._speed', 'shapes._speed', 'shapes.round._speed']");
    CHECK_NUMBER(nexus_error_detail(error), NEXUS_DETAIL_AMBIGUOUS_NAME);
    CHECK_TEXT(nexus_error_module(error), "_speed");
    DROP(error);
    /* A part of a name is not a name. */
    CHECK_REFUSED(nexus_loader_get(loader, "round.circle", &module, &error), NEXUS_ERR_NOT_LOADED);
    nexus_loader_free(loader);
}

CASE(the_same_for_lazy_modules) {
    begin_marks();
    NexusObject *module = NULL;
    NexusLoader *loader = open_with(fixture("packages"),
                                    (NexusLoaderOptions){.flags = NEXUS_LOADER_RECURSIVE | NEXUS_LOADER_LAZY});
    CHECK_NUMBER(read_marks()->count, 0);
    CHECK_REFUSED(nexus_loader_get(loader, "_speed", &module, &error), NEXUS_ERR_AMBIGUOUS);
    CHECK_TEXT(text_attr(loader, "circle", "__name__"), "shapes.round.circle");
    CHECK_NUMBER(opened(read_marks(), "circle.so", true), 1);
    CHECK_NUMBER(read_marks()->count, 1);
    get_fails(loader, "inner", NEXUS_ERR_LOAD_FAILED, NEXUS_DETAIL_PACKAGE_FAILED);
    nexus_loader_free(loader);
}

/* --- Packages that fail ------------------------------------------------------------------------------- */

CASE(a_package_that_fails_is_tried_once) {
    NexusLoader *loader = open_packages();
    check_entry(loader, "broken.inner", NEXUS_STATE_FAILED, NEXUS_DETAIL_PACKAGE_FAILED,
                "its package broken does not import: RuntimeError: this package is broken");
    check_entry(loader, "broken.deep.leaf", NEXUS_STATE_FAILED, NEXUS_DETAIL_PACKAGE_FAILED,
                "its package broken does not import: RuntimeError: this package is broken");
    CHECK_PYTHON("__import__('sys').broken_runs == 1");
    CHECK_PYTHON("not any(name in __import__('sys').modules for name in ('broken', 'broken.inner', 'broken.deep'))");
    NexusObject *module = NULL;
    CHECK_ERROR(nexus_loader_get(loader, "broken.inner", &module, &error), NEXUS_ERR_NOT_LOADED);
    CHECK_TEXT(nexus_error_exception(error), "builtins.RuntimeError");
    CHECK_CONTAINS(nexus_error_traceback(error), "broken/__init__.py");
    DROP(error);
    /* And is not half there for anybody else. */
    CHECK_FAILS(nexus_import("broken.inner", &module, &error), NEXUS_ERR_EXCEPTION, "this package is broken");
    nexus_loader_free(loader);
}

/* The second package of a name cannot be imported, and its modules do not answer for the first's. */
CASE(a_package_whose_name_is_taken) {
    NexusLoader *one = open_packages(), *two = open_recursive(fixture("packages_too"));
    CHECK_TEXT(text_attr(one, "shapes.area", "which"), "area");
    check_entry(two, "shapes.area", NEXUS_STATE_FAILED, NEXUS_DETAIL_SHADOWED, "gives another file");
    check_entry(two, "shapes.new", NEXUS_STATE_FAILED, NEXUS_DETAIL_IMPORT_NOT_FOUND, "shapes.new");
    FREE_LOADERS(one, two);
}

/* --- One package, opened in several ways --------------------------------------------------------------- */

CASE(a_package_itself_is_opened) {
    NexusLoader *inner = open_all("packages/shapes/round");
    CHECK_NUMBER(nexus_loader_count(inner), 2);
    CHECK_TEXT(text_attr(inner, "circle", "__name__"), "shapes.round.circle");
    CHECK(nexus_loader_contains(inner, "shapes.round._speed"));
    NexusLoader *outer = open_packages();
    CHECK_NUMBER(last_id_of(get(inner, "circle")), last_id_of(get(outer, "circle")));
    FREE_LOADERS(inner, outer);
}

CASE(a_package_whose_init_is_compiled) {
    NexusLoader *loader = open_all("packages/compiled");
    CHECK_NUMBER(nexus_loader_count(loader), 2);
    CHECK_TEXT(text_attr(loader, "compiled", "__name__"), "compiled");
    CHECK_TEXT(text_attr(loader, "_speed", "__name__"), "compiled._speed");
    nexus_loader_free(loader);
}

/* Without an __init__.py it may be a package or a folder of modules: either way the file is loaded once. */
CASE(a_folder_that_is_opened_by_itself_first) {
    NexusLoader *inner = open_all("packages/space");
    CHECK_TEXT(text_attr(inner, "leaf2", "__name__"), "leaf2");
    NexusLoader *outer = open_packages();
    CHECK_NUMBER(last_id_of(get(inner, "leaf2")), last_id_of(get(outer, "leaf2")));
    FREE_LOADERS(inner, outer);
}

CASE(a_folder_that_is_opened_by_itself_later) {
    NexusLoader *outer = open_packages(), *inner = open_all("packages/space");
    CHECK_TEXT(text_attr(inner, "leaf2", "__name__"), "space.leaf2");
    CHECK_NUMBER(last_id_of(get(inner, "leaf2")), last_id_of(get(outer, "leaf2")));
    FREE_LOADERS(inner, outer);
}

/* Links to folders that lead back: each file once. */
CASE(folders_in_a_circle) {
    NexusLoader *loader = open_recursive(fixture("circle"));
    reported(loader, 1);
    nexus_loader_free(loader);
}

CASE(a_folder_that_cannot_be_read) {
    obey_permissions();
    CHECK(mkdir(scratch("tree"), 0700) == 0 && mkdir(scratch("tree/closed"), 0700) == 0);
    CHECK(symlink(fixture("odd/a_good.so"), scratch("tree/a_good.so")) == 0);
    CHECK(symlink(fixture("odd/z_good.so"), scratch("tree/closed/z_good.so")) == 0);
    CHECK(chmod(scratch("tree/closed"), 0) == 0);
    static Log log;
    nexus_log_set(log_line, &log, NEXUS_LOG_WARNING);
    NexusLoader *loader = open_recursive(scratch("tree"));
    CHECK_NUMBER(nexus_loader_count(loader), 1);
    CHECK_CONTAINS(log.text, "tree/closed cannot be read");
    nexus_loader_free(loader);
    CHECK_FAILS(nexus_loader_new(scratch("tree/closed"), NULL, 0, &loader, &error),
                NEXUS_ERR_IO, "Binary path cannot be read");
    CHECK(chmod(scratch("tree/closed"), 0700) == 0);
}

/* --- Siblings and libraries ----------------------------------------------------------------------------- */

CASE(libraries_beside_the_module_and_in_pkg_libs) {
    begin_marks();
    NexusLoader *loader = open_recursive(fixture("wheel"));
    check_entry(loader, "pkg._core", NEXUS_STATE_LOADED, 0, "");
    check_entry(loader, "pkg._more", NEXUS_STATE_LOADED, 0, "");
    check_entry(loader, "beside", NEXUS_STATE_LOADED, 0, "");
    check_entry(loader, "libbeside_for_test", NEXUS_STATE_SKIPPED, NEXUS_DETAIL_HELPER_LIBRARY, "no PyInit");
    check_entry(loader, "pkg.libs/libplain-3c4d", NEXUS_STATE_SKIPPED, NEXUS_DETAIL_HELPER_LIBRARY, "no PyInit");
    CHECK_NUMBER(nexus_loader_count(loader), 3);
    reported(loader, 5);
    /* The linker has opened them for the modules, once. */
    CHECK_NUMBER(opened(read_marks(), "libvendored-1a2b.so.1", true), 1);
    CHECK_NUMBER(opened(read_marks(), "libplain-3c4d.so", true), 1);
    nexus_loader_free(loader);
}

CASE(a_trial_of_packages) {
    begin_marks();
    NexusLoader *loader = open_with(fixture("packages"),
                                    (NexusLoaderOptions){.flags = NEXUS_LOADER_RECURSIVE | NEXUS_LOADER_TRIAL});
    CHECK_NUMBER(nexus_loader_count(loader), 10);
    check_entry(loader, "broken.inner", NEXUS_STATE_FAILED, NEXUS_DETAIL_PACKAGE_FAILED, "this package is broken");
    CHECK_NUMBER(other_processes(read_marks()), 1);
    nexus_loader_free(loader);
    loader = open_with(fixture("wheel"), (NexusLoaderOptions){.flags = NEXUS_LOADER_RECURSIVE | NEXUS_LOADER_TRIAL});
    loaded(loader, 3);
}

/* --- One file, one module ------------------------------------------------------------------------------- */

/* uv and others install by hard links: the linker sees one file, and would run its init function again. */
CASE(hard_links_in_two_directories) {
    begin_marks();
    CHECK(mkdir(scratch("one"), 0700) == 0 && mkdir(scratch("two"), 0700) == 0);
    CHECK(link(fixture("packages/top.so"), scratch("one/top.so")) == 0);
    CHECK(link(fixture("packages/top.so"), scratch("two/top.so")) == 0);
    NexusLoader *packages = open_packages(), *one = open_recursive(scratch("one")), *two = open_recursive(scratch("two"));
    CHECK_NUMBER(last_id_of(get(one, "top")), last_id_of(get(two, "top")));
    CHECK_NUMBER(last_id_of(get(one, "top")), last_id_of(get(packages, "top")));
    FREE_LOADERS(packages, one, two);
}

CASE(modules_of_one_name_in_two_directories) {
    NexusLoader *a = open_all("twins/a"), *b = open_all("twins/b");
    CHECK_TEXT(text_attr(a, "which", "which"), "a");
    CHECK_TEXT(text_attr(b, "which", "which"), "b");
    NexusLoader *again = open_all("twins/b");
    CHECK_NUMBER(last_id_of(get(again, "which")), last_id_of(get(b, "which")));
    /* Whoever imports the name goes on getting the first. */
    NexusObject *imported = import("which");
    CHECK_NUMBER(last_id_of(imported), last_id_of(get(a, "which")));
    FREE_LOADERS(a, b, again);
}

/* In one recursive opening the folders tell them apart. */
CASE(modules_of_one_name_in_two_folders) {
    NexusLoader *loader = open_recursive(fixture("twins"));
    CHECK_TEXT(text_attr(loader, "a.which", "which"), "a");
    CHECK_TEXT(text_attr(loader, "b.which", "which"), "b");
    nexus_loader_free(loader);
}

/* Every good, odd, damaged and hostile file of tests/fixtures/corpus.txt becomes what the list says: alone,
 * after a trial, and when it is only inspected. */
#include "marks.h"
#include "permissions.h"

#include <fcntl.h>
#include <sys/stat.h>

#define MOST_FILES 1000

enum { ALONE, AFTER_TRIAL, COLUMNS };

/* What is expected where a NexusState is none. */
enum { ABSENT = -1, LEFT_OUT = -2 };

typedef struct File {
    char name[512];
    int state[COLUMNS];
    uint32_t detail[COLUMNS];
    char says[512];
} File;

static File files[MOST_FILES];
static size_t file_count;

/* "\xff" in the name becomes the byte. */
static void decode(char *text) {
    char *to = text;
    for (const char *from = text; *from;) {
        unsigned byte;
        if (from[0] == '\\' && sscanf(from, "\\x%2x", &byte) == 1) {
            *to++ = (char)byte;
            from += 4;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
}

static uint32_t detail_number(const char *name) {
    for (size_t i = 0; i < nexus_details_count(); i++)
        if (strcmp(nexus_detail_name(nexus_detail_at(i)), name) == 0) return nexus_detail_at(i);
    FAIL("corpus.txt: no detail is called %s", name);
}

static void parse_expected(File *file, int column, char *text) {
    static const struct {
        const char *word;
        int state;
    } words[] = {
        {"loaded", NEXUS_STATE_LOADED}, {"failed", NEXUS_STATE_FAILED}, {"skipped", NEXUS_STATE_SKIPPED},
        {"absent", ABSENT},             {"-", LEFT_OUT},
    };
    char *colon = strchr(text, ':');
    if (colon) *colon = '\0';
    for (size_t i = 0; i < COUNT(words); i++) {
        if (strcmp(text, words[i].word) != 0) continue;
        file->state[column] = words[i].state;
        file->detail[column] = colon ? detail_number(colon + 1) : 0;
        CHECK((colon != NULL) == (words[i].state == NEXUS_STATE_FAILED || words[i].state == NEXUS_STATE_SKIPPED));
        return;
    }
    FAIL("corpus.txt: no state is called %s", text);
}

static void read_table(void) {
    FILE *table = fopen(fixture("corpus.table"), "r");
    CHECK(table != NULL);
    static char line[4096];
    while (fgets(line, sizeof line, table)) {
        CHECK(file_count < MOST_FILES);
        File *file = &files[file_count++];
        char *rest = line, *name = strsep(&rest, "\t");
        char *expected[COLUMNS] = {strsep(&rest, "\t"), strsep(&rest, "\t")};
        char *says = strsep(&rest, "\n");
        CHECK(says != NULL);
        decode(name);
        snprintf(file->name, sizeof file->name, "%s", name);
        snprintf(file->says, sizeof file->says, "%s", strcmp(says, "-") == 0 ? "" : says);
        for (int column = 0; column < COLUMNS; column++) parse_expected(file, column, expected[column]);
    }
    fclose(table);
}

static const File *file_called(const char *name) {
    for (size_t i = 0; i < file_count; i++)
        if (strcmp(files[i].name, name) == 0) return &files[i];
    return NULL;
}

/* --- stdout ---------------------------------------------------------------------------------------- */

/* What is written to stdout from now on comes into a file. */
static void catch_stdout(void) {
    int file = open(scratch("stdout"), O_RDWR | O_CREAT | O_TRUNC, 0600);
    CHECK(file >= 0 && dup2(file, STDOUT_FILENO) >= 0);
    close(file);
}

/* Only what modules themselves have printed, each line once. */
static void check_stdout(size_t lines) {
    fflush(stdout);
    FILE *stream = fopen(scratch("stdout"), "r");
    CHECK(stream != NULL);
    char line[1024];
    size_t count = 0;
    for (; fgets(line, sizeof line, stream); count++) CHECK_TEXT(line, "printed by the init function of a module\n");
    fclose(stream);
    CHECK_NUMBER(count, lines);
}

/* The log would hide what the checks say. */
static void forget(uint32_t level, const char *text, void *user_data) { (void)level, (void)text, (void)user_data; }

/* --- Judging --------------------------------------------------------------------------------------- */

static size_t wrong;

#define WRONG(...) (wrong++, fprintf(stderr, __VA_ARGS__), fputc('\n', stderr))

static void check_says(const File *file, const char *message) {
    char *says = formatted("%s", file->says);
    for (char *rest = says, *part; (part = strsep(&rest, "&"));)
        if (!strstr(message, part)) WRONG("%s: no \"%s\" in: %.300s", file->name, part, message);
}

static bool is_module_text(uint32_t detail) { return detail / 100 == 6 || detail / 100 == 7; }

/* One file can have several modules in it, each with its own name. */
static void check_own_name(const File *file, NexusObject *module, const char *name) {
    const char *text = text_with("getattr(it, '__name__', '')", nexus_value_object(module));
    const char *last = strrchr(text, '.'), *expected = strrchr(name, '.');
    last = last ? last + 1 : text;
    expected = expected ? expected + 1 : name;
    if (*text && strcmp(last, expected) != 0) WRONG("%s: the module calls itself %s", file->name, text);
}

static void check_entry(const NexusLoader *loader, const File *file, const NexusReportEntry *entry, int state,
                        uint32_t detail) {
    if ((int)entry->state != state || entry->detail != detail) {
        WRONG("%s: state %d, detail %u %s, not %d, %u %s: %.300s", file->name, entry->state, entry->detail,
              nexus_detail_name(entry->detail), state, detail, nexus_detail_name(detail), entry->message);
        return;
    }
    if (state == NEXUS_STATE_LOADED) {
        NexusObject *module = NULL;
        NexusStatus status = nexus_loader_get(loader, entry->name, &module, &error);
        if (status != NEXUS_OK)
            WRONG("%s is loaded, but %s", file->name, nexus_error_message(error));
        else {
            CHECK_NUMBER(integer_of(call0(module, "answer")), 42);
            check_own_name(file, module, entry->name);
        }
        nexus_error_free(error);
        nexus_object_free(module);
        if (entry->status != NEXUS_OK || entry->message[0]) WRONG("%s: loaded, and %s", file->name, entry->message);
        return;
    }
    if (nexus_loader_contains(loader, entry->name) && state == NEXUS_STATE_FAILED)
        WRONG("%s: failed, yet the loader has %s", file->name, entry->name);
    if ((entry->status == NEXUS_OK) != (state == NEXUS_STATE_SKIPPED))
        WRONG("%s: status %d", file->name, (int)entry->status);
    check_says(file, entry->message);
    if (strlen(entry->message) > 100000) WRONG("%s: a message of %zu bytes", file->name, strlen(entry->message));
    /* Texts of modules may have several lines; ours have one. */
    for (const char *c = entry->message; *c && !is_module_text(detail); c++)
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            WRONG("%s: a control character in: %.300s", file->name, entry->message);
            break;
        }
}

/* Each file of the list has its one entry, and there is no other. */
static void check_report(const NexusLoader *loader, int column) {
    NexusReport *report = report_of(loader);
    static char seen[MOST_FILES];
    memset(seen, 0, sizeof seen);
    for (size_t i = 0; i < nexus_report_count(report); i++) {
        NexusReportEntry entry;
        CHECK_STATUS(nexus_report_at(report, i, &entry), NEXUS_OK);
        const char *directory = fixture("corpus/");
        if (strncmp(entry.path, directory, strlen(directory)) != 0) {
            WRONG("an entry of %s", entry.path);
            continue;
        }
        const File *file = file_called(entry.path + strlen(directory));
        if (!file || seen[file - files]++) {
            WRONG("%s has an entry too many: %d %s", entry.path, entry.state, entry.message);
            continue;
        }
        int state = file->state[column];
        uint32_t detail = file->detail[column];
        if (state == LEFT_OUT)
            check_entry(loader, &(File){.name = "left out"}, &entry, NEXUS_STATE_SKIPPED, NEXUS_DETAIL_FILTERED);
        else
            check_entry(loader, file, &entry, state, detail);
    }
    for (size_t i = 0; i < file_count; i++)
        if (seen[i] != (files[i].state[column] != ABSENT)) WRONG("%s: %d entries", files[i].name, seen[i]);
    nexus_report_free(report);
}

/* Nothing that is hopeless, no module or not wanted is ever opened, and nothing twice. */
static void check_opened(int column) {
    const Marks *marks = read_marks();
    for (size_t i = 0; i < file_count; i++) {
        const File *file = &files[i];
        size_t count = opened(marks, file->name, true);
        /* Of two names of one file the linker knows one. */
        bool maybe = file->state[column] == NEXUS_STATE_LOADED ||
                     (file->state[column] == NEXUS_STATE_FAILED && file->detail[column] / 100 == 6);
        if (count > maybe) WRONG("%s was opened %zu times", file->name, count);
    }
    if (opened(marks, "a_good.so", true) != 1) WRONG("no marks were left");
}

static int32_t may_load(const char *name, const char *path, void *user_data) {
    (void)name, (void)user_data;
    const File *file = file_called(strrchr(path, '/') + 1);
    CHECK(file != NULL);
    return file->state[ALONE] != LEFT_OUT;
}

static NexusLoader *open_corpus(NexusLoaderOptions options) {
    nexus_log_set(forget, NULL, NEXUS_LOG_ERROR);
    return open_with(fixture("corpus"), options);
}

CASE(each_has_its_state_in_one_process) {
    read_table();
    CHECK(file_count > 200);
    obey_permissions();
    begin_marks();
    catch_stdout();
    run_python("import sys; sys.before = dict(sys.modules)");
    NexusLoader *loader = open_corpus((NexusLoaderOptions){.filter = may_load});
    check_report(loader, ALONE);
    check_opened(ALONE);
    check_stdout(1);
    /* The standard library's modules are where they were, and what failed has left nothing. */
    run_python("import sys\n"
               "for name, module in sys.before.items():\n"
               "    if name in sys.modules: assert sys.modules[name] is module, name\n"
               "    else: assert name == 'no_such_module', name\n"
               "import json, math, _json\n"
               "assert json.loads('[1, 2.5]') == [1, 2.5] and math.sqrt(9) == 3 and hasattr(_json, 'make_encoder')\n"
               "for name in ('raise_value_error', 'raise_in_exec', 'registers_and_raises', 'slot_unknown', 'create_twice'):\n"
               "    assert name not in sys.modules, name\n");
    CHECK_NUMBER(wrong, 0);
    nexus_loader_free(loader);
}

/* --- With a trial ------------------------------------------------------------------------------------ */

/* What would end the host ends the child. */
static bool is_death(const File *file) { return file->state[ALONE] == LEFT_OUT; }

/* Another trial of these could end otherwise, so that nothing is remembered of them. */
static bool is_remembered(const File *file) {
    return is_death(file) && !strstr(file->says, "SIGKILL");
}

CASE(each_has_its_state_after_a_trial) {
    read_table();
    obey_permissions();
    begin_marks();
    catch_stdout();
    const NexusLoaderOptions options = {.flags = NEXUS_LOADER_TRIAL, .trial_milliseconds = 2000};
    NexusLoader *loader = open_corpus(options);
    check_report(loader, AFTER_TRIAL);
    check_opened(AFTER_TRIAL);
    check_stdout(1);

    /* Each death ends one child, and the other modules share theirs. */
    size_t deaths = 0, others = 0;
    for (size_t i = 0; i < file_count; i++) {
        deaths += is_death(&files[i]);
        others += files[i].state[AFTER_TRIAL] == NEXUS_STATE_LOADED;
    }
    CHECK(deaths >= 25 && others >= 50);
    static Marks first;
    first = *read_marks();
    CHECK_SEEN(other_processes(&first) <= deaths + 1, "%zu children for %zu deaths", other_processes(&first), deaths);
    for (size_t i = 0; i < file_count; i++)
        if (is_death(&files[i])) CHECK_NUMBER(opened(&first, files[i].name, true), 0);

    /* The verdicts are remembered: the second time nothing of it happens again. */
    NexusLoader *again = open_corpus(options);
    check_report(again, AFTER_TRIAL);
    const Marks *second = read_marks();
    for (size_t i = 0; i < file_count; i++) {
        size_t before = opened(&first, files[i].name, false), after = opened(second, files[i].name, false);
        if ((is_remembered(&files[i]) || files[i].state[AFTER_TRIAL] == NEXUS_STATE_LOADED) && before != after)
            WRONG("%s was tried again", files[i].name);
    }
    CHECK_NUMBER(wrong, 0);
    FREE_LOADERS(loader, again);
}

/* --- Inspected only ---------------------------------------------------------------------------------- */

CASE(inspection_agrees_and_opens_nothing) {
    read_table();
    obey_permissions();
    begin_marks();
    for (size_t i = 0; i < file_count; i++) {
        const File *file = &files[i];
        uint32_t detail = file->detail[ALONE];
        /* What depends on the files beside it inspection cannot know. */
        if (file->state[ALONE] == ABSENT || detail == NEXUS_DETAIL_SHADOWED) continue;
        NexusInspection *inspection = NULL;
        CHECK_OK(nexus_inspect(joined(fixture("corpus"), file->name), &inspection, &error));
        NexusInspectionFacts facts = {.struct_size = sizeof facts};
        CHECK_OK(nexus_inspection_facts(inspection, &facts, &error));
        uint32_t found = facts.detail;
        /* Of what goes wrong in its code nothing can be seen from outside; what the linker says may be. */
        uint32_t expected = detail / 100 >= 6 && detail != NEXUS_DETAIL_DLOPEN_FAILED ? 0 : detail;
        if (found != expected && detail != NEXUS_DETAIL_DLOPEN_FAILED)
            WRONG("%s: %u %s, not %u %s: %s", file->name, found, nexus_detail_name(found), expected,
                  nexus_detail_name(expected), facts.message);
        if (found) check_says(file, facts.message);
        nexus_inspection_free(inspection);
    }
    CHECK_NUMBER(read_marks()->count, 0);
    CHECK_NUMBER(wrong, 0);
}

/* Real wheels for Windows, and files of other systems among them. */
#include "nexus_check.h"

/* What pip has installed for this Python: packages with modules in them. */
static NexusLoader *open_wheels(void)
{
    NexusLoader *loader = open_with(setting("NEXUS_TEST_WHEELS"),
                                    (NexusLoaderOptions){.flags = NEXUS_LOADER_RECURSIVE});
    CHECK_NUMBER(nexus_loader_count(loader), 3);
    return loader;
}

static const char *foreign(const char *name)
{
    return joined(setting("NEXUS_TEST_FOREIGN"), name);
}

static NexusLoader *open_folder(const char *path)
{
    return open_with(path, (NexusLoaderOptions){0});
}

CASE(orjson_is_called)
{
    NexusLoader *loader = open_wheels();
    NexusObject *orjson = get(loader, "orjson.orjson");
    NexusValue value = call1(orjson, "loads", text_value("{\"a\": [1, 2.5, null, \"\xc3\xa9\"]}"));
    NexusValue bytes = call1(orjson, "dumps", value);
    CHECK_NUMBER(bytes.kind, NEXUS_KIND_BYTES);
    CHECK_TEXT(bytes.as.text.data, "{\"a\":[1,2.5,null,\"\xc3\xa9\"]}");
    nexus_value_clear(&bytes);
    nexus_value_clear(&value);
    nexus_object_free(orjson);
    nexus_loader_free(loader);
}

CASE(markupsafe_is_called)
{
    char text[64];
    NexusLoader *loader = open_wheels();
    NexusObject *speedups = get(loader, "markupsafe._speedups");
    CHECK_TEXT(text_of(call1(speedups, "_escape_inner", text_value("<a & 'b'>")), text, sizeof text),
               "&lt;a &amp; &#39;b&#39;&gt;");
    nexus_object_free(speedups);
    nexus_loader_free(loader);
}

CASE(msgpack_is_called)
{
    NexusLoader *loader = open_wheels();
    NexusObject *cmsgpack = get(loader, "msgpack._cmsgpack");
    NexusValue packer = call0(cmsgpack, "Packer");
    CHECK_NUMBER(packer.kind, NEXUS_KIND_OBJECT);
    NexusValue packed = call1(packer.as.object, "pack", nexus_value_integer(300));
    CHECK_NUMBER(packed.kind, NEXUS_KIND_BYTES);
    CHECK(packed.as.text.size == 3 && memcmp(packed.as.text.data, "\xcd\x01\x2c", 3) == 0);
    CHECK_NUMBER(integer_of(call1(cmsgpack, "unpackb", packed)), 300);
    nexus_value_clear(&packed);
    nexus_value_clear(&packer);
    nexus_object_free(cmsgpack);
    nexus_loader_free(loader);
}

/* Copies a file into a folder of the scratch directory under another name. */
static void copy(const char *from, const char *to)
{
    char buffer[65536];
    size_t size;
    FILE *source = fopen(from, "rb"), *target = fopen(to, "wb");
    CHECK_SEEN(source != NULL, "%s is not there", from);
    CHECK(target != NULL);
    while ((size = fread(buffer, 1, sizeof buffer, source)) > 0) CHECK(fwrite(buffer, 1, size, target) == size);
    fclose(source);
    CHECK(fclose(target) == 0);
}

/* Each is refused with what it is built for, and the good one beside them is loaded. */
CASE(files_of_other_systems)
{
    static const struct {
        const char *from, *to, *said;
    } files[] = {
        {"win32/markupsafe/_speedups.cp312-win32.pyd", "windows32.pyd", "built for"},
        {"manylinux_2_28_x86_64/markupsafe/_speedups.cpython-312-x86_64-linux-gnu.so", "linux.pyd", "built for"},
        {"macosx_11_0_arm64/markupsafe/_speedups.cpython-312-darwin.so", "macos.pyd", "built for"},
    };
    enum { COUNT = sizeof files / sizeof *files };
    CHECK(mkdir(scratch("mixed"), 0777) == 0);
    for (size_t i = 0; i < COUNT; i++) copy(foreign(files[i].from), joined(scratch("mixed"), files[i].to));
    copy(fixture("documented/crypto.pyd"), joined(scratch("mixed"), "crypto.pyd"));

    NexusLoader *loader = open_folder(scratch("mixed"));
    CHECK_NUMBER(nexus_loader_count(loader), 1);
    NexusReport *report = report_of(loader);
    for (size_t i = 0; i < COUNT; i++) {
        NexusReportEntry entry;
        CHECK_NUMBER(entries_of(report, NULL, files[i].to, &entry), 1);
        CHECK(entry.state != NEXUS_STATE_LOADED);
        CHECK_CONTAINS(entry.message, files[i].said);
    }
    nexus_report_free(report);
    nexus_loader_free(loader);
}

/* Under their own names, as they lie in a folder that was copied from another machine. */
CASE(files_with_suffixes_of_other_systems)
{
    CHECK(mkdir(scratch("named"), 0777) == 0);
    copy(foreign("manylinux_2_28_x86_64/markupsafe/_speedups.cpython-312-x86_64-linux-gnu.so"),
         joined(scratch("named"), "one.cpython-312-x86_64-linux-gnu.so"));
    copy(foreign("macosx_11_0_arm64/markupsafe/_speedups.cpython-312-darwin.so"),
         joined(scratch("named"), "two.cpython-312-darwin.so"));
    copy(fixture("documented/crypto.pyd"), joined(scratch("named"), "crypto.pyd"));
    NexusLoader *loader = open_folder(scratch("named"));
    CHECK_NUMBER(nexus_loader_count(loader), 1);
    CHECK(nexus_loader_contains(loader, "crypto"));
    nexus_loader_free(loader);
}

/* Paths that are no ASCII, and with Windows' own forms. */
#include "nexus_check.h"

#include <wchar.h>
#include <windows.h>

/* A path in UTF-8, as nexus_loader takes it, as Windows' own functions take it. */
static const wchar_t *wide(const char *path)
{
    static _Thread_local wchar_t buffers[4][4096];
    static _Thread_local unsigned turn;
    wchar_t *buffer = buffers[turn++ % 4];
    CHECK(MultiByteToWideChar(CP_UTF8, 0, path, -1, buffer, 4096) > 0);
    for (wchar_t *c = buffer; *c; c++)
        if (*c == L'/') *c = L'\\';
    return buffer;
}

static void opens_module_in(const char *folder)
{
    NexusError *error = NULL;
    NexusLoader *loader = NULL;
    char text[256];
    /* Once is enough: a module that is in use cannot be written. */
    const BOOL copied = CopyFileW(wide(fixture("documented/crypto.pyd")), wide(joined(folder, "crypto.pyd")), TRUE);
    CHECK_SEEN(copied || GetLastError() == ERROR_FILE_EXISTS, "error %lu", GetLastError());
    CHECK_OK(nexus_loader_new(folder, NULL, 0, &loader, &error));
    NexusObject *crypto = get(loader, "crypto");
    CHECK_TEXT(text_of(call1(crypto, "encrypt", text_value("Hello")), text, sizeof text), "2a24600860");
    nexus_object_free(crypto);
    nexus_loader_free(loader);
}

CASE(umlauts_and_blanks)
{
    const char *folder = scratch("Module f\xc3\xbcr Gr\xc3\xb6\xc3\x9f" "e");
    CHECK(CreateDirectoryW(wide(folder), NULL));
    opens_module_in(folder);
}

/* Characters of no code page together, one of them outside the first 65,536. */
CASE(several_scripts)
{
    const char *folder = scratch("\xe6\xa8\xa1\xe5\x9d\x97 \xd0\xbc\xd0\xbe\xd0\xb4 \xf0\x9f\x90\x8d");
    CHECK(CreateDirectoryW(wide(folder), NULL));
    opens_module_in(folder);
}

CASE(a_long_path)
{
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", scratch(""));
    folder[strlen(folder) - 1] = '\0';
    /* Longer than MAX_PATH, which is 260; without the prefix that Windows' functions need for that. */
    for (int i = 0; i < 8; i++) {
        wchar_t prefixed[4096];
        snprintf(folder + strlen(folder), 64, "\\a_folder_with_a_name_of_forty_characters");
        swprintf(prefixed, 4096, L"\\\\?\\%ls", wide(folder));
        CHECK_SEEN(CreateDirectoryW(prefixed, NULL), "error %lu", GetLastError());
    }
    NexusLoader *loader = NULL;
    CHECK_REFUSED(nexus_loader_new(folder, NULL, 0, &loader, &error), NEXUS_ERR_NO_MODULES);
}

CASE(forward_and_back_slashes)
{
    const char *folder = scratch("one\\two");
    CHECK(CreateDirectoryW(wide(scratch("one")), NULL) && CreateDirectoryW(wide(folder), NULL));
    opens_module_in(folder);
    opens_module_in(scratch("one/two"));
    opens_module_in(scratch("one/two\\"));
    opens_module_in(scratch("one/../one//two/"));
}

CASE(relative_to_the_current_directory)
{
    CHECK(CreateDirectoryW(wide(scratch("here")), NULL));
    CHECK(SetCurrentDirectoryW(wide(setting("NEXUS_TEST_SCRATCH"))));
    opens_module_in("here");
    opens_module_in(".\\here");
}

/* No case matters in a name of a directory. */
CASE(another_case)
{
    CHECK(CreateDirectoryW(wide(scratch("Mixed")), NULL));
    opens_module_in(scratch("mIXED"));
}

/* A module's library beside it is found, wherever the program's own folder or the current directory is. */
CASE(a_library_beside_the_module)
{
    NexusLoader *loader = open_all("wheel");
    char text[64];
    NexusValue value;
    NexusObject *module = get(loader, "beside");
    CHECK_OK(nexus_object_attr(module, "which", &value, &error));
    CHECK_TEXT(text_of(value, text, sizeof text), "beside");
    nexus_object_free(module);
    nexus_loader_free(loader);
}

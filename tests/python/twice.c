/* A program that starts a Python, ends it, and starts it again: `import nexus_loader` works the first time, and is
 * refused the second time.
 *
 * usage: twice LIBPYTHON FOLDER      FOLDER has the wheel's package */
#include <dlfcn.h>
#include <stdio.h>

static void *library;

static int run(const char *code) {
    int (*simple)(const char *) = (int (*)(const char *))dlsym(library, "PyRun_SimpleString");
    return simple ? simple(code) : -1;
}

int main(int argc, char **argv) {
    library = argc == 3 ? dlopen(argv[1], RTLD_NOW | RTLD_GLOBAL) : NULL;
    if (!library) {
        fprintf(stderr, "twice: %s\n", dlerror());
        return 2;
    }
    void (*start)(void) = (void (*)(void))dlsym(library, "Py_Initialize");
    int (*end)(void) = (int (*)(void))dlsym(library, "Py_FinalizeEx");
    char code[4096];
    for (int time = 0; time < 2; time++) {
        start();
        snprintf(code, sizeof code,
                 "import sys; sys.path.insert(0, '%s')\n"
                 "try:\n"
                 "    import nexus_loader\n"
                 "    result = 'imported'\n"
                 "except ImportError as error:\n"
                 "    result = str(error)\n"
                 "assert ('finalized' in result) == %s, result\n",
                 argv[2], time ? "True" : "False");
        if (run(code) != 0 || end() != 0) return 1;
    }
    return 0;
}

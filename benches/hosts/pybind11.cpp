// pybind11's embedding, as its documentation shows it: callables kept, arguments and results by cast.
#include <pybind11/embed.h>

#include "contestant.h"

#include <dirent.h>

#include <cstring>
#include <string>

namespace py = pybind11;

namespace {

struct Callables {
    py::object nothing, add, add_reals, length, again, ends;
};
// Never destroyed: Python is never finalized.
Callables *callee;
py::dict *modules;
const char *const *names;
size_t name_count;
double *doubles;

int none(size_t) { return !(*callee).nothing().is_none(); }

int ints(size_t i) { return callee->add(SMALL_A(i), SMALL_B(i)).cast<long long>() != SMALL_A(i) + SMALL_B(i); }
int big_ints(size_t i) { return callee->add(BIG_A(i), BIG_B(i)).cast<long long>() != BIG_A(i) + BIG_B(i); }
int reals(size_t i) { return callee->add_reals(REAL_A(i), REAL_B(i)).cast<double>() != REAL_A(i) + REAL_B(i); }

int text(size_t)
{
    return callee->length(py::str(TEXT_32, sizeof TEXT_32 - 1)).cast<long long>() != sizeof TEXT_32 - 1;
}

int text_back(size_t)
{
    return callee->again(py::str(TEXT_32, sizeof TEXT_32 - 1)).cast<std::string>() != TEXT_32;
}

int buffer(size_t count)
{
    auto view = py::memoryview::from_memory(static_cast<const void *>(doubles),
                                            static_cast<py::ssize_t>(count * sizeof *doubles));
    return callee->ends(view).cast<double>() != doubles[0] + doubles[count - 1];
}
int few_doubles(size_t) { return buffer(FEW_DOUBLES); }
int many_doubles(size_t) { return buffer(DOUBLES); }

int contains(size_t i) { return !modules->contains(names[i % name_count]); }
int get(size_t i)
{
    py::object module = (*modules)[names[i % name_count]];
    return module.is_none();
}

template <int (*call)(size_t)> int attached(size_t count)
{
    int wrong = 0;
    py::gil_scoped_acquire gil;
    for (size_t i = 0; i < count; i++) wrong |= call(i);
    return wrong;
}

template <int (*call)(size_t)> int per_call(size_t count)
{
    int wrong = 0;
    for (size_t i = 0; i < count; i++) {
        py::gil_scoped_acquire gil;
        wrong |= call(i);
    }
    return wrong;
}

template <int (*call)(size_t)> int batch(size_t count)
{
    int wrong = 0;
    for (size_t i = 0; i < count;) {
        py::gil_scoped_acquire gil;
        for (size_t end = i + 100; i < end && i < count; i++) wrong |= call(i);
    }
    return wrong;
}

const Way ways[] = {
    BOTH("pybind11", WHAT_NONE, none),
    BOTH("pybind11", WHAT_INTS, ints),
    BOTH("pybind11", WHAT_BIG_INTS, big_ints),
    BOTH("pybind11", WHAT_REALS, reals),
    BOTH("pybind11", WHAT_TEXT, text),
    BOTH("pybind11", WHAT_TEXT_BACK, text_back),
    BOTH("pybind11", WHAT_FEW_DOUBLES, few_doubles),
    BOTH("pybind11", WHAT_DOUBLES, many_doubles),
    BOTH("pybind11", WHAT_CONTAINS, contains),
    BOTH("pybind11", WHAT_GET, get),
    {"pybind11", HOW_BATCH, WHAT_INTS, batch<ints>},
    {nullptr, nullptr, nullptr, nullptr},
};

int start(const char *python, int site)
{
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.site_import = site;
    PyConfig_SetBytesString(&config, &config.program_name, python);
    py::initialize_interpreter(&config, 0, nullptr, false); // clears the config
    PyEval_SaveThread();
    return 0;
}

int prepare(const Setup *setup)
{
    py::gil_scoped_acquire gil;
    try {
        auto module = py::module_::import("callee");
        callee = new Callables{module.attr("nothing"), module.attr("add"),   module.attr("add_reals"),
                               module.attr("length"),  module.attr("again"), module.attr("ends")};
        doubles = setup->doubles;
        names = setup->names;
        name_count = setup->name_count;
        modules = new py::dict();
        py::dict loaded = py::module_::import("sys").attr("modules");
        for (size_t i = 0; i < name_count; i++) (*modules)[names[i]] = loaded[names[i]];
    } catch (const py::error_already_set &error) {
        std::fprintf(stderr, "pybind11: %s\n", error.what());
        return -1;
    }
    return 0;
}

// What the Python class does, by the same functions.
long load(const char *folder, int)
{
    py::gil_scoped_acquire gil;
    auto util = py::module_::import("importlib.util");
    py::dict loaded = py::module_::import("sys").attr("modules");
    DIR *directory = opendir(folder);
    if (!directory) return -1;
    long count = 0;
    while (dirent *entry = readdir(directory)) {
        std::string file = entry->d_name;
        size_t dot = file.find('.');
        if (dot == 0 || dot == std::string::npos || file.substr(dot) != ".so") continue;
        std::string name = file.substr(0, dot);
        try {
            py::object spec = util.attr("spec_from_file_location")(name, std::string(folder) + "/" + file);
            py::object module = util.attr("module_from_spec")(spec);
            loaded[name.c_str()] = module;
            spec.attr("loader").attr("exec_module")(module);
            count++;
        } catch (const py::error_already_set &error) {
            std::fprintf(stderr, "pybind11: %s\n", error.what());
        }
    }
    closedir(directory);
    return count;
}

} // namespace

extern "C" const Contestant *contestant(void)
{
    static const Contestant self = {"pybind11", start, prepare, load, ways};
    return &self;
}

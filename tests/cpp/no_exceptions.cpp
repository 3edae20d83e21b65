// A program without exceptions and type information: results all the way.
#include "nexus_loader.hpp"

#include "../c/check.h"

#include <map>
#include <sstream>
#include <string>
#include <vector>

#ifndef NEXUS_NO_EXCEPTIONS
#error "this program is to be compiled with -fno-exceptions"
#endif

namespace {

std::string fixture(const char *name)
{
    const char *folder = getenv("NEXUS_FIXTURES");
    if (!folder) FAIL("NEXUS_FIXTURES is not set: run this with `cargo test -p nexus_tests`");
    return std::string(folder) + "/" + name;
}

nexus::Module values()
{
    nexus::result<nexus::Loader> loader = nexus::Loader::try_open(fixture("values"));
    CHECK(loader);
    nexus::result<nexus::Module> module = loader->try_get("values");
    CHECK(module);
    return *std::move(module);
}

} // namespace

CASE(calls)
{
    const nexus::Module module = values();
    nexus::result<int> sum = module.try_call<int>("add", 2, 3);
    CHECK(sum);
    CHECK_NUMBER(*sum, 5);
    nexus::result<int> wrong = module.try_call<int>("echo", "text");
    CHECK(!wrong);
    CHECK_NUMBER(wrong.error().status(), NEXUS_ERR_TYPE);
    CHECK_TEXT(wrong.error().what(), "expected int, got str");
    nexus::result<void> raised = module.try_call<void>("raise_value_error", "text");
    CHECK(!raised);
    CHECK_TEXT(raised.error().what(), "builtins.ValueError: text");
    CHECK_NUMBER(module.try_call<int>("echo", "text").value_or(7), 7);
    CHECK(module.try_call<std::string>("echo", "text").transform([](std::string &&it) { return it.size(); }).value_or(0U) == 4);
}

CASE(loader_and_report)
{
    int told = 0;
    nexus::Options options;
    options.lazy().filter([](std::string_view name, std::string_view) { return name != "network"; });
    nexus::result<nexus::Loader> loader = nexus::Loader::try_open(fixture("documented"), std::move(options));
    CHECK(loader);
    CHECK(loader->try_get("crypto"));
    CHECK(!loader->try_get("network"));
    nexus::result<nexus::Report> report = loader->try_report();
    CHECK(report);
    for (const nexus::ReportEntry &entry : *report) told += entry.loaded();
    CHECK_NUMBER(told, 1);
    nexus::result<nexus::Names> names = loader->try_names();
    CHECK(names);
    CHECK(names->size() == loader->size());
    nexus::result<nexus::Loader> missing = nexus::Loader::try_open("/no/such/folder");
    CHECK(!missing);
    CHECK_NUMBER(missing.error().status(), NEXUS_ERR_NOT_FOUND);
}

CASE(attributes_items_and_iteration)
{
    nexus::result<nexus::Object> dict = nexus::try_dict(nexus::kw("a") = 1, nexus::kw("b") = std::vector<int>{2});
    CHECK(dict);
    CHECK(dict->try_set_item("c", "three"));
    CHECK(dict->try_get_item<std::string>("c").value_or("") == "three");
    CHECK(!dict->try_get_item<int>("z"));
    nexus::result<std::optional<int>> none = dict->try_find_item<int>("z");
    CHECK(none);
    CHECK(!*none);
    nexus::result<nexus::Iterator> iterator = dict->try_iterate();
    CHECK(iterator);
    std::string keys;
    for (;;) {
        nexus::result<std::optional<std::string>> key = iterator->try_next<std::string>();
        CHECK(key);
        if (!*key) break;
        keys += **key;
    }
    CHECK_TEXT(keys.c_str(), "abc");
    std::ostringstream out;
    out << *dict;
    const std::string text = out.str();
    CHECK_TEXT(text.c_str(), "{'a': 1, 'b': [2], 'c': 'three'}");
    nexus::result<nexus::Module> module = nexus::try_import_module("types");
    CHECK(module);
    nexus::result<nexus::Object> space = module->try_call("SimpleNamespace", nexus::kw("x") = 1);
    CHECK(space);
    CHECK(space->try_set_attr("y", std::make_pair(1, 2)));
    CHECK((space->try_get_attr<std::pair<int, int>>("y").value_or(std::make_pair(0, 0)).second == 2));
    CHECK(!space->try_get_attr("z"));
}

CASE(functions)
{
    nexus::result<nexus::Object> half = nexus::try_function("half", [](int n) -> nexus::result<int> {
        if (n % 2 != 0) return nexus::python_exception("builtins.ValueError", "it is odd");
        return n / 2;
    });
    CHECK(half);
    CHECK_NUMBER(half->try_invoke<int>(8).value_or(0), 4);
    nexus::result<int> odd = half->try_invoke<int>(7);
    CHECK(!odd);
    CHECK_TEXT(odd.error().what(), "builtins.ValueError: it is odd");
    nexus::result<int> text = half->try_invoke<int>("text");
    CHECK(!text);
    CHECK_TEXT(text.error().what(), "builtins.TypeError: half(): argument 1: expected int, got str");
}

CASE(memory)
{
    std::vector<double> numbers{1, 2, 3};
    nexus::result<nexus::Memory> memory = nexus::Memory::try_lend(numbers.data(), numbers.size());
    CHECK(memory);
    nexus::result<nexus::Module> builtins = nexus::try_import_module("builtins");
    CHECK(builtins);
    CHECK(builtins->try_call<double>("sum", *memory).value_or(0.0) > 5.9);
    nexus::result<nexus::Object> view = memory->try_view();
    CHECK(view);
    nexus::result<nexus::Buffer<double>> buffer = view->try_buffer<double>();
    CHECK(buffer);
    CHECK((*buffer)[2] > 2.9);
    CHECK(!view->try_buffer<int>());
    CHECK(buffer->try_at(2));
    CHECK(!buffer->try_at(3));
}

CASE(prepared)
{
    const auto add = values().try_prepare<int(int, int)>("add");
    CHECK(add);
    CHECK_NUMBER(add->try_invoke(1, 2).value_or(0), 3);
    const auto sums = add->try_invoke_each(std::vector<std::pair<int, int>>{{1, 2}, {3, 4}});
    CHECK(sums);
    CHECK_NUMBER((*sums)[1], 7);
}

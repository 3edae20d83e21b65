// std::format, with the first compiler here that has it (tests/harness/src/programs.rs).
#include "nexus_loader.hpp"

#include "../c/check.h"

#ifndef NEXUS_HAS_FORMAT
#error "this compiler and its library have no std::format"
#endif

namespace {

void check_text(const std::string &seen, const char *expected) { CHECK_TEXT(seen.c_str(), expected); }

std::string documented() { return std::string(getenv("NEXUS_FIXTURES")) + "/documented"; }

} // namespace

CASE(objects)
{
    check_text(std::format("{}", nexus::list(1, "two")), "[1, 'two']");
    check_text(std::format("{} {} {}", nexus::object(5), nexus::object("text"), nexus::Object()), "5 text None");
    check_text(std::format("{:>6}|{:<6}|{:*^7}|", nexus::object(5), nexus::object("ab"), nexus::object(1.5)), "     5|ab    |**1.5**|");
    check_text(std::format("{:.2}", nexus::object("text")), "te");
    check_text(std::format("{}", nexus::Module(nexus::object("a module is an object, too"))), "a module is an object, too");
    const nexus::Object failing = nexus::import_module("builtins").call("eval", "type('Bad', (), {'__str__': lambda self: 1 / 0})()", nexus::dict());
    try {
        (void)std::format("{}", failing);
        FAIL("nothing was thrown");
    } catch (const nexus::Error &error) {
        CHECK(error.is("builtins.ZeroDivisionError"));
    }
}

CASE(errors)
{
    try {
        nexus::import_module("builtins").call("int", "x");
    } catch (const nexus::Error &error) {
        check_text(std::format("{}", error), "builtins.ValueError: invalid literal for int() with base 10: 'x'");
        return;
    }
    FAIL("nothing was thrown");
}

CASE(loaders_and_reports)
{
    const nexus::Loader loader(documented(), {"crypto", "absent"});
    check_text(std::format("{}", loader), ("NexusLoader(bin_path='" + documented() + "', loaded=1 modules)").c_str());
    check_text(std::format("{}", loader.report()[0]), "crypto: loaded");
    check_text(std::format("{:>20}", loader.report()[0]), "      crypto: loaded");
}

// What the C++ tests share.
#ifndef HOST_HPP
#define HOST_HPP

#include "nexus_loader.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <stdexcept>
#include <string>

/// What the harness has set.
inline std::string setting(const char *name)
{
    const char *value = std::getenv(name);
    if (!value) throw std::logic_error(std::string(name) + " is not set: run this with `cargo test -p nexus_tests`");
    return value;
}

/// A folder of test modules.
inline std::string fixture(const std::string &name) { return setting("NEXUS_FIXTURES") + "/" + name; }

/// The test module of values of every type.
inline nexus::Module values() { return nexus::Loader(fixture("values"))["values"]; }

/// A Python expression.
inline nexus::Object eval(const char *expression)
{
    return nexus::import_module("builtins").call("eval", expression, nexus::dict());
}

/// What Python source defines.
inline nexus::Object run(const char *source)
{
    nexus::Object globals = nexus::dict();
    nexus::import_module("builtins").call("exec", source, globals);
    return globals;
}

/// The status of what a statement throws.
#define EXPECT_STATUS(statement, expected)                                             \
    try {                                                                              \
        static_cast<void>(statement);                                                  \
        ADD_FAILURE() << #statement " throws nothing";                                 \
    } catch (const nexus::Error &thrown) {                                             \
        EXPECT_EQ(thrown.status(), expected) << thrown;                                \
    }

/// The type and message of what it throws.
#define EXPECT_WHAT(statement, expected)                                               \
    try {                                                                              \
        static_cast<void>(statement);                                                  \
        ADD_FAILURE() << #statement " throws nothing";                                 \
    } catch (const nexus::Error &thrown) {                                             \
        EXPECT_STREQ(thrown.what(), expected);                                         \
    }

#endif

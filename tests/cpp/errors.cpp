// Errors: what is thrown, what it knows, and results.
#include "host.hpp"

#include <exception>
#include <new>
#include <sstream>

namespace {

template <class F> nexus::Error thrown_by(F &&function)
{
    try {
        function();
    } catch (const nexus::Error &error) {
        return error;
    }
    throw std::logic_error("nothing was thrown");
}

} // namespace

TEST(Thrown, AreErrorsAndStandardExceptions)
{
    const nexus::Module module = values();
    EXPECT_THROW(module.call("raise_value_error", "text"), nexus::Error);
    EXPECT_THROW(module.call("raise_value_error", "text"), std::runtime_error);
    EXPECT_THROW(module.call("raise_value_error", "text"), std::exception);
    EXPECT_THROW(module.call<int>("echo", "text"), std::invalid_argument);
    EXPECT_THROW(module.call<std::uint8_t>("echo", 256), std::out_of_range);
    EXPECT_THROW(module.call("echo", "\xff"), std::invalid_argument);
    EXPECT_THROW(nexus::Error(NEXUS_ERR_NO_MEMORY, "no memory").raise(), std::bad_alloc);
    EXPECT_THROW(nexus::Error(NEXUS_ERR_BAD_HANDLE, "bad").raise(), std::invalid_argument);
    EXPECT_THROW(nexus::Error(NEXUS_ERR_IO, "unreadable").raise(), std::runtime_error);
    try {
        module.call("raise_value_error", "text");
    } catch (const std::exception &error) {
        EXPECT_STREQ(error.what(), "builtins.ValueError: text");
    }
}

TEST(Thrown, KnowWhatPythonRaised)
{
    const nexus::Error error = thrown_by([] { values().call("raise_chained"); });
    EXPECT_EQ(error.status(), NEXUS_ERR_EXCEPTION);
    EXPECT_EQ(error.type(), "builtins.RuntimeError");
    EXPECT_TRUE(error.is("builtins.RuntimeError"));
    EXPECT_EQ(error.message(), "the outer one");
    EXPECT_NE(error.traceback().find("KeyError: 'missing key'"), std::string_view::npos);
    EXPECT_NE(error.traceback().find("in inner"), std::string_view::npos);
    EXPECT_EQ(error.detail(), 0U);
    EXPECT_EQ(error.exception().type_name(), "builtins.RuntimeError");
    const std::optional<nexus::Error> cause = error.cause();
    ASSERT_TRUE(cause);
    EXPECT_TRUE(cause->is("builtins.KeyError"));
    EXPECT_FALSE(cause->cause());
    EXPECT_TRUE(error.notes().empty());
    EXPECT_TRUE(error.members().empty());
    std::ostringstream out;
    out << error;
    EXPECT_EQ(out.str(), error.traceback());
}

TEST(Thrown, KnowNotesAndMembers)
{
    const nexus::Object globals = run("def fail():\n"
                                      "    group = ExceptionGroup('several', [ValueError('one'), KeyError('two')])\n"
                                      "    group.add_note('a note')\n"
                                      "    raise group\n");
    const nexus::Error error = thrown_by([&] { globals["fail"](); });
    EXPECT_EQ(error.notes(), std::vector<std::string>{"a note"});
    const std::vector<nexus::Error> members = error.members();
    ASSERT_EQ(members.size(), 2U);
    EXPECT_STREQ(members[0].what(), "builtins.ValueError: one");
    EXPECT_TRUE(members[1].is("builtins.KeyError"));
}

TEST(Thrown, KnowModuleFileAndDetail)
{
    const nexus::Loader loader(fixture("one_bad"));
    const nexus::Error error = thrown_by([&] { static_cast<void>(loader["broken"]); });
    EXPECT_EQ(error.status(), NEXUS_ERR_NOT_LOADED);
    EXPECT_EQ(error.module(), "broken");
    EXPECT_EQ(error.path(), fixture("one_bad") + "/broken.so");
    EXPECT_EQ(error.detail(), static_cast<std::uint32_t>(NEXUS_DETAIL_INIT_RAISED));
    EXPECT_NE(error.traceback().find("ValueError: no licence"), std::string_view::npos);
    const nexus::Error missing = thrown_by([&] { static_cast<void>(loader["crpyto"]); });
    EXPECT_STREQ(missing.what(), "Module 'crpyto' not loaded. Available modules: ['crypto']");
    EXPECT_TRUE(missing.type().empty());
    EXPECT_STATUS(missing.exception(), NEXUS_ERR_NOT_FOUND);
    EXPECT_FALSE(missing.cause());
    std::ostringstream out;
    out << missing;
    EXPECT_EQ(out.str(), missing.what());
}

TEST(Thrown, CanBeKeptAndThrownAgain)
{
    std::exception_ptr kept;
    try {
        values().call("raise_custom");
    } catch (...) {
        kept = std::current_exception();
    }
    EXPECT_THROW(std::rethrow_exception(kept), std::runtime_error);
    nexus::Error copy(NEXUS_ERR_IO, "another");
    try {
        std::rethrow_exception(kept);
    } catch (const nexus::Error &error) {
        copy = error;
    }
    kept = nullptr;
    EXPECT_EQ(copy.message(), "mine");
    EXPECT_THROW(copy.raise(), std::runtime_error);
    const nexus::Error moved = std::move(copy);
    EXPECT_EQ(moved.message(), "mine");
    EXPECT_STREQ(copy.what(), nexus_status_string(NEXUS_ERR_EXCEPTION));
    EXPECT_EQ(copy.message(), copy.what());
}

TEST(Thrown, SystemExitAndInterruptsAreErrorsToo)
{
    EXPECT_TRUE(thrown_by([] { values().call("raise_system_exit", 3); }).is("builtins.SystemExit"));
    EXPECT_TRUE(thrown_by([] { values().call("raise_keyboard_interrupt"); }).is("builtins.KeyboardInterrupt"));
}

TEST(Made, ErrorsOfTheProgram)
{
    const nexus::Error error(NEXUS_ERR_TIMEOUT, "too late");
    EXPECT_EQ(error.status(), NEXUS_ERR_TIMEOUT);
    EXPECT_STREQ(error.what(), "too late");
    nexus::start();
    const nexus::Error python = nexus::python_exception("builtins.KeyError", "no such user");
    EXPECT_STREQ(python.what(), "builtins.KeyError: 'no such user'");
    EXPECT_STATUS(nexus::raise("builtins.LookupError", "gone"), NEXUS_ERR_EXCEPTION);
    EXPECT_EQ(nexus::python_exception("no.such.Class", "text").status(), NEXUS_ERR_EXCEPTION);
    EXPECT_EQ(nexus::python_exception("builtins.int", "5").status(), NEXUS_ERR_TYPE);
    EXPECT_EQ(nexus::Error(NEXUS_OK, "that is none").status(), NEXUS_ERR_INVALID_ARGUMENT);
    EXPECT_STREQ(nexus::Error(NEXUS_ERR_IO, static_cast<NexusError *>(nullptr)).what(), nexus_status_string(NEXUS_ERR_IO));
}

TEST(Results, HoldAValueOrAnError)
{
    const nexus::Module module = values();
    nexus::result<int> good = module.try_call<int>("add", 2, 3);
    ASSERT_TRUE(good);
    EXPECT_TRUE(good.has_value());
    EXPECT_EQ(*good, 5);
    EXPECT_EQ(good.value(), 5);
    EXPECT_EQ(std::as_const(good).value_or(0), 5);
    nexus::result<int> bad = module.try_call<int>("raise_value_error", "text");
    ASSERT_FALSE(bad);
    EXPECT_TRUE(bad.error().is("builtins.ValueError"));
    EXPECT_THROW(static_cast<void>(bad.value()), std::runtime_error);
    EXPECT_EQ(std::as_const(bad).value_or(7), 7);
    good = std::move(bad);
    EXPECT_FALSE(good);
    good = 8;
    EXPECT_EQ(*good, 8);
    const nexus::result<std::string> text = module.try_call<std::string>("echo", "text");
    EXPECT_EQ(text->size(), 4U);
    EXPECT_EQ(module.try_call<nexus::Object>("Tracked").value().type_name(), "values.Tracked");
    nexus::result<void> nothing = module.try_call<void>("echo", 1);
    EXPECT_TRUE(nothing);
    nothing.value();
    nothing = module.try_call<void>("raise_value_error", "text");
    EXPECT_FALSE(nothing);
    EXPECT_THROW(nothing.value(), std::runtime_error);
}

TEST(Results, AreChained)
{
    const nexus::Module module = values();
    const auto length = module.try_call<std::string>("echo", "four").transform([](std::string &&text) { return text.size(); });
    EXPECT_EQ(length.value(), 4U);
    const auto sum = module.try_call<int>("add", 1, 2).and_then([&](int three) { return module.try_call<int>("add", three, 4); });
    EXPECT_EQ(sum.value(), 7);
    int calls = 0;
    const auto failed = module.try_call<int>("raise_value_error", "x").transform([&](int) { return ++calls; });
    EXPECT_FALSE(failed);
    EXPECT_EQ(calls, 0);
    const auto saved = module.try_call<int>("raise_value_error", "x").or_else([](const nexus::Error &error) -> nexus::result<int> {
        return error.is("builtins.ValueError") ? -1 : -2;
    });
    EXPECT_EQ(saved.value(), -1);
    EXPECT_EQ(module.try_call<int>("raise_value_error", "x").value_or(9), 9);
    EXPECT_EQ(module.try_call<void>("echo", 1).and_then([&] { return module.try_call<int>("echo", 2); }).value(), 2);
    EXPECT_TRUE(module.try_call<int>("echo", 1).transform([](int) {}).has_value());
}

TEST(Results, OwnWhatTheyHold)
{
    const nexus::Module module = values();
    const auto alive = [&] { return module.call<int>("count_alive"); };
    {
        nexus::result<nexus::Object> first = module.try_call("Tracked");
        nexus::result<nexus::Object> second = std::move(first);
        EXPECT_EQ(alive(), 1);
        second = module.try_call("Tracked");
        EXPECT_EQ(alive(), 1);
        second = nexus::Error(NEXUS_ERR_IO, "instead");
        EXPECT_EQ(alive(), 0);
        first = module.try_call("Tracked");
        const nexus::Object object = *std::move(first);
        EXPECT_EQ(alive(), 1);
    }
    EXPECT_EQ(alive(), 0);
}

// The Python of the process: start, search, facts, import, the GIL, the log, versions.
#include "host.hpp"

#include <atomic>
#include <mutex>
#include <vector>

TEST(Python, StartsOnFirstUse)
{
    EXPECT_STATUS(nexus::python(), NEXUS_ERR_NOT_STARTED);
    EXPECT_STATUS(nexus::attach(), NEXUS_ERR_NOT_STARTED);
    EXPECT_EQ(nexus::list(1, "two", std::vector<int>{3}).repr(), "[1, 'two', [3]]");
    const NexusPythonInfo info = nexus::python();
    EXPECT_TRUE(info.owned);
    EXPECT_EQ(std::string(info.version_text).find(setting("NEXUS_TEST_VERSION")), 0U);
}

TEST(Python, StartsAsTold)
{
    nexus::start(nexus::Config().argv({"program", "argument"}).no_site());
    const nexus::Module sys = nexus::import_module("sys");
    EXPECT_EQ(sys.get_attr<std::vector<std::string>>("argv"), (std::vector<std::string>{"program", "argument"}));
    EXPECT_EQ(sys.attr("flags").attr("no_site").as<int>(), 1);
    nexus::start();
    EXPECT_STATUS(nexus::start(nexus::Config().python("/no/such/python")), NEXUS_ERR_PYTHON_CONFLICT);
}

TEST(Python, ThatIsNotThere)
{
    EXPECT_STATUS(nexus::start(nexus::Config().python("/no/such/python")), NEXUS_ERR_PYTHON_NOT_FOUND);
    EXPECT_STATUS(nexus::python(), NEXUS_ERR_NOT_STARTED);
    const nexus::Names candidates = nexus::search();
    EXPECT_FALSE(candidates.empty());
}

TEST(Import, ByDottedName)
{
    EXPECT_EQ(nexus::import_module("os.path").call<std::string>("join", "a", "b"), "a/b");
    EXPECT_EQ(nexus::import_module("math")("sqrt")(4).as<double>(), 2);
    try {
        static_cast<void>(nexus::import_module("no_such_module"));
        FAIL();
    } catch (const nexus::Error &error) {
        EXPECT_TRUE(error.is("builtins.ModuleNotFoundError"));
    }
}

TEST(Attach, HoldsTheGilForAWhile)
{
    const nexus::Module module = values();
    {
        const nexus::attach outer;
        const nexus::attach inner;
        for (int i = 0; i < 100; i++) EXPECT_EQ(module.call<int>("add", i, 1), i + 1);
        EXPECT_EQ(module.call<std::vector<int>>("echo", std::vector<int>{1, 2}), (std::vector<int>{1, 2}));
    }
    EXPECT_EQ(nexus_python_detach(nullptr), NEXUS_ERR_NOT_ATTACHED) << "all was given back";
    nexus::result<nexus::attach> held = nexus::attach::try_attach();
    ASSERT_TRUE(held);
    {
        const nexus::attach moved = *std::move(held);
        EXPECT_EQ(module.call<int>("add", 1, 1), 2);
    }
    EXPECT_EQ(nexus_python_detach(nullptr), NEXUS_ERR_NOT_ATTACHED) << "once";
}

TEST(Attach, IsGivenBackByEverythingThatThrows)
{
    const nexus::Module module = values();
    EXPECT_STATUS(module.call("echo", std::vector<std::string>{"\xff"}), NEXUS_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS((module.call<std::map<int, int>>("echo", std::vector<int>{1})), NEXUS_ERR_TYPE);
    EXPECT_STATUS(module.call("raise_value_error", std::vector<int>{1}), NEXUS_ERR_EXCEPTION);
    EXPECT_STATUS(nexus::list("\xff", std::vector<int>{1}), NEXUS_ERR_INVALID_ARGUMENT);
    EXPECT_STATUS([&] { for (int n : nexus::list("x").items<int>(5)) static_cast<void>(n); }(), NEXUS_ERR_TYPE);
    EXPECT_EQ(nexus_python_detach(nullptr), NEXUS_ERR_NOT_ATTACHED);
}

TEST(Log, GoesToAFunction)
{
    static std::mutex mutex;
    static std::vector<std::string> lines;
    nexus::log(NEXUS_LOG_DEBUG, [](nexus::LogLevel level, std::string_view line) {
        const std::lock_guard<std::mutex> lock(mutex);
        lines.push_back(std::to_string(level) + std::string(line));
        throw std::runtime_error("what it throws is ignored");
    });
    const nexus::Loader loader(fixture("documented"));
    nexus::log(0);
    const std::lock_guard<std::mutex> lock(mutex);
    EXPECT_FALSE(lines.empty());
}

TEST(Version, OfTheLibraryFits)
{
    EXPECT_TRUE(nexus::version_fits());
    EXPECT_STREQ(nexus::version(), NEXUS_VERSION_STRING);
}

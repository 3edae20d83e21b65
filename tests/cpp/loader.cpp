// Directories of modules: options, reports, filters, inspection.
#include "host.hpp"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

namespace {

const std::vector<std::string> all{"crypto", "database", "network"};

std::vector<std::string> names_of(const nexus::Loader &loader)
{
    std::vector<std::string> names;
    for (const std::string_view name : loader) names.emplace_back(name);
    return names;
}

} // namespace

TEST(Loader, OpensADirectory)
{
    const std::string folder = fixture("documented");
    const nexus::Loader loader(folder);
    EXPECT_EQ(loader.path(), folder);
    EXPECT_EQ(loader.size(), 3U);
    EXPECT_FALSE(loader.empty());
    EXPECT_EQ(names_of(loader), all);
    EXPECT_EQ(loader.names().strings(), all);
    EXPECT_EQ(loader.names()[1], "database");
    EXPECT_TRUE(loader.contains("crypto"));
    EXPECT_FALSE(loader.contains(std::string("absent")));
    EXPECT_FALSE(loader.requested());
    EXPECT_EQ(loader["crypto"].call<std::string>("encrypt", "Hello"), "2a24600860");
    EXPECT_EQ(loader.get("crypto").attr("__version__").as<std::string>(), "1.0");
    std::ostringstream out;
    out << loader;
    EXPECT_EQ(out.str(), "NexusLoader(bin_path='" + folder + "', loaded=3 modules)");
    EXPECT_EQ(nexus::Loader(std::filesystem::path(folder)).size(), 3U);
    EXPECT_EQ(nexus::Loader(folder.c_str()).size(), 3U);
}

TEST(Loader, ThrowsWhenItCannot)
{
    EXPECT_STATUS(nexus::Loader("/no/such/folder"), NEXUS_ERR_NOT_FOUND);
    EXPECT_STATUS(nexus::Loader(fixture("documented/crypto.so")), NEXUS_ERR_NOT_A_DIRECTORY);
    EXPECT_STATUS(nexus::Loader(fixture("none")), NEXUS_ERR_NO_MODULES);
    const nexus::Loader loader(fixture("documented"));
    EXPECT_STATUS(loader["absent"], NEXUS_ERR_NOT_LOADED);
}

TEST(Loader, CanBeMoved)
{
    nexus::Loader first(fixture("documented"));
    nexus::Loader second = std::move(first);
    EXPECT_EQ(second.size(), 3U);
    first = nexus::Loader(fixture("values"));
    EXPECT_EQ(names_of(first), std::vector<std::string>{"values"});
    std::vector<nexus::Loader> several;
    several.push_back(std::move(first));
    several.push_back(std::move(second));
    EXPECT_EQ(several[1]["crypto"].call<std::string>("decrypt", "2a24600860"), "Hello");
}

TEST(MovedFrom, LoadersAreEmpty)
{
    nexus::Loader first(fixture("documented"), nexus::Options().filter([](auto, auto) { return true; }));
    const nexus::Loader second = std::move(first);
    EXPECT_EQ(first.path(), "");
    EXPECT_EQ(first.describe(), "");
    EXPECT_EQ(first.size(), 0U);
    EXPECT_FALSE(first.contains("crypto"));
    EXPECT_STATUS(first.get("crypto"), NEXUS_ERR_BAD_HANDLE);
    EXPECT_STATUS(first.report(), NEXUS_ERR_BAD_HANDLE);
    EXPECT_STATUS(first.begin(), NEXUS_ERR_BAD_HANDLE);
}

TEST(MovedFrom, ListsAreEmpty)
{
    const nexus::Loader loader(fixture("documented"));
    nexus::Names names = loader.names();
    EXPECT_EQ(nexus::Names(std::move(names)).size(), 3U);
    EXPECT_TRUE(names.empty());
    EXPECT_TRUE(names.strings().empty());
    nexus::Report report = loader.report();
    EXPECT_EQ(nexus::Report(std::move(report)).size(), 3U);
    EXPECT_TRUE(report.empty());
    EXPECT_FALSE(report.find("crypto"));
    nexus::Inspection inspection(fixture("documented/crypto.so"));
    EXPECT_TRUE(nexus::Inspection(std::move(inspection)).is_module());
    EXPECT_EQ(inspection.verdict(), NEXUS_VERDICT_NONE);
    EXPECT_EQ(inspection.message(), "");
    EXPECT_TRUE(inspection.needed().empty());
}

TEST(Options, NamedModulesOnly)
{
    const nexus::Loader loader(fixture("documented"), {"network", "absent"});
    EXPECT_EQ(names_of(loader), std::vector<std::string>{"network"});
    ASSERT_TRUE(loader.requested());
    EXPECT_EQ(loader.requested()->strings(), (std::vector<std::string>{"network", "absent"}));
    const nexus::Report report = loader.report();
    const auto absent = report.find("absent");
    ASSERT_TRUE(absent);
    EXPECT_EQ(absent->state, NEXUS_STATE_MISSING);
    EXPECT_FALSE(report.find("nothing"));
    const nexus::Loader pattern(fixture("documented"), nexus::Options().modules({"c*"}));
    EXPECT_EQ(names_of(pattern), std::vector<std::string>{"crypto"});
    const nexus::Loader none(fixture("documented"), nexus::Options().modules({}));
    EXPECT_TRUE(none.empty());
}

TEST(Options, Lazy)
{
    const nexus::Loader loader(fixture("documented"), nexus::Options().lazy());
    for (const nexus::ReportEntry &entry : loader.report()) EXPECT_EQ(entry.state, NEXUS_STATE_LAZY);
    EXPECT_EQ(loader["crypto"].call<std::string>("encrypt", "Hello"), "2a24600860");
    EXPECT_EQ(loader.report().find("crypto")->state, NEXUS_STATE_LOADED);
    EXPECT_EQ(loader.report().find("network")->state, NEXUS_STATE_LAZY);
}

TEST(Options, CleanupAtTheEnd)
{
    const nexus::Module network = [] {
        const nexus::Loader loader(fixture("documented"), nexus::Options().cleanup());
        loader["network"].call("connect", "host", 1);
        return loader["network"];
    }();
    EXPECT_EQ(network.call<std::string>("get_status"), "not connected");
}

TEST(Options, Trial)
{
    const nexus::Loader tried(fixture("documented"), nexus::Options().trial(std::chrono::seconds(30)));
    EXPECT_EQ(tried.size(), 3U);
}

TEST(Options, Verify)
{
    const std::filesystem::path folder = setting("NEXUS_TEST_SCRATCH") + "/verified";
    std::filesystem::create_directories(folder);
    for (const char *const name : {"crypto.so", "network.so"})
        std::filesystem::copy_file(fixture("documented/") + name, folder / name, std::filesystem::copy_options::overwrite_existing);
    EXPECT_STATUS(nexus::Loader(folder, nexus::Options().verify()), NEXUS_ERR_NOT_ALLOWED);
    std::ofstream(folder / "list") << std::string(64, '0') << "  crypto.so\n";
    const nexus::Loader loader(folder, nexus::Options().verify(folder / "list"));
    EXPECT_TRUE(loader.empty());
    EXPECT_EQ(loader.report().find("crypto")->detail, static_cast<std::uint32_t>(NEXUS_DETAIL_HASH_DIFFERS));
    EXPECT_EQ(loader.report().find("network")->detail, static_cast<std::uint32_t>(NEXUS_DETAIL_NOT_ON_ALLOW_LIST));
}

TEST(Options, Recursive)
{
    const std::filesystem::path folder = setting("NEXUS_TEST_SCRATCH") + "/tree";
    std::filesystem::create_directories(folder / "inner");
    std::filesystem::copy_file(fixture("documented/crypto.so"), folder / "inner/crypto.so", std::filesystem::copy_options::overwrite_existing);
    const nexus::Loader loader(folder, nexus::Options().recursive());
    EXPECT_EQ(names_of(loader), std::vector<std::string>{"inner.crypto"});
    EXPECT_EQ(loader["crypto"].call<std::string>("encrypt", "Hello"), "2a24600860");
    EXPECT_STATUS(nexus::Loader(folder), NEXUS_ERR_NO_MODULES);
}

TEST(Options, Filter)
{
    std::vector<std::string> asked;
    const nexus::Loader loader(fixture("documented"), nexus::Options().filter([&](std::string_view name, std::string_view path) {
        EXPECT_NE(path.find(name), std::string_view::npos);
        asked.emplace_back(name);
        return name != "database";
    }));
    EXPECT_EQ(asked, all);
    EXPECT_EQ(names_of(loader), (std::vector<std::string>{"crypto", "network"}));
    EXPECT_EQ(loader.report().find("database")->detail, static_cast<std::uint32_t>(NEXUS_DETAIL_FILTERED));
}

TEST(Options, Progress)
{
    std::vector<std::string> told;
    const nexus::Loader loader(fixture("documented"), nexus::Options().progress([&](const nexus::Progress &it) {
        EXPECT_EQ(it.total, 3U);
        EXPECT_EQ(it.index, told.size());
        EXPECT_EQ(it.state, NEXUS_STATE_LOADED);
        EXPECT_GT(it.time.count(), 0);
        told.emplace_back(it.name);
    }));
    EXPECT_EQ(told, all);
    const nexus::Loader cancelled(fixture("documented"), nexus::Options().progress([](const nexus::Progress &it) { return it.index < 1; }));
    EXPECT_EQ(cancelled.size(), 2U);
    EXPECT_EQ(cancelled.report().find("network")->detail, static_cast<std::uint32_t>(NEXUS_DETAIL_CANCELLED));
}

TEST(Options, WhatTheirFunctionsThrowComesOut)
{
    struct Mine {};
    EXPECT_THROW(nexus::Loader(fixture("documented"), nexus::Options().filter([](std::string_view, std::string_view) -> bool { throw Mine(); })), Mine);
    int told = 0;
    EXPECT_THROW(nexus::Loader(fixture("documented"), nexus::Options().progress([&](const nexus::Progress &) {
        told++;
        throw std::logic_error("enough");
    })),
                 std::logic_error);
    EXPECT_EQ(told, 1) << "and nothing else is loaded";
    bool allowed = false;
    const nexus::Loader lazy(fixture("documented"), nexus::Options().lazy().filter([&](std::string_view, std::string_view) {
        if (!allowed) throw Mine();
        return true;
    }));
    EXPECT_THROW(static_cast<void>(lazy["crypto"]), Mine);
    EXPECT_THROW(static_cast<void>(lazy["network"]), Mine);
    allowed = true;
    EXPECT_TRUE(lazy["database"].has_attr("query"));
}

TEST(Report, TellsOfEveryFile)
{
    const nexus::Loader loader(fixture("one_bad"));
    const nexus::Report report = loader.report();
    ASSERT_EQ(report.size(), 2U);
    EXPECT_FALSE(report.empty());
    EXPECT_EQ(report[0].name, "broken");
    EXPECT_EQ(report[0].state, NEXUS_STATE_FAILED);
    EXPECT_EQ(report[0].status, NEXUS_ERR_LOAD_FAILED);
    EXPECT_EQ(report[0].detail, static_cast<std::uint32_t>(NEXUS_DETAIL_INIT_RAISED));
    EXPECT_EQ(report[0].path, fixture("one_bad") + "/broken.so");
    EXPECT_TRUE(report[1].loaded());
    EXPECT_GT(report[1].time.count(), 0);
    EXPECT_TRUE(report.effects(1).empty());
    EXPECT_STATUS(report.effects(2), NEXUS_ERR_INVALID_ARGUMENT);
    std::ostringstream out;
    out << report;
    EXPECT_EQ(out.str(), "broken: failed: " + std::string(report[0].message) + "\ncrypto: loaded\n");
    EXPECT_EQ(std::count_if(report.begin(), report.end(), [](const nexus::ReportEntry &entry) { return entry.loaded(); }), 1);
    EXPECT_STREQ(nexus::text_of(static_cast<nexus::State>(7)), "unknown");
}

TEST(Inspection, TellsWhatAFileIs)
{
    const nexus::Inspection good(fixture("documented/crypto.so"));
    EXPECT_TRUE(good.is_module());
    EXPECT_EQ(good.detail(), 0U);
    EXPECT_EQ(good.module_name(), "crypto");
    EXPECT_EQ(good.init_symbol(), "PyInit_crypto");
    EXPECT_EQ(good.format(), "ELF");
    EXPECT_TRUE(good.problems().empty());
    EXPECT_EQ(good.facts().bits, 8 * sizeof(void *));
    nexus::Inspection bad(fixture("odd/text.so"));
    EXPECT_EQ(bad.verdict(), NEXUS_VERDICT_HOPELESS);
    EXPECT_EQ(bad.detail(), static_cast<std::uint32_t>(NEXUS_DETAIL_TEXT_FILE));
    EXPECT_FALSE(bad.cure().empty());
    ASSERT_EQ(bad.problems().size(), 1U);
    EXPECT_NE(bad.problems()[0].find("TEXT_FILE"), std::string_view::npos);
    for (const std::string_view problem : bad.problems()) EXPECT_EQ(problem, bad.problems()[0]);
    std::ostringstream out;
    out << bad;
    EXPECT_EQ(out.str(), bad.report());
    EXPECT_EQ(bad.json().front(), '{');
    const nexus::Inspection moved = std::move(bad);
    EXPECT_EQ(bad.verdict(), NEXUS_VERDICT_NONE); // NOLINT(bugprone-use-after-move)
    EXPECT_TRUE(bad.message().empty() && bad.problems().empty());
    EXPECT_FALSE(moved.message().empty());
    EXPECT_STATUS(nexus::Inspection("x", 5), NEXUS_ERR_INVALID_ARGUMENT);
}

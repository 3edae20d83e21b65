// Iteration over Python objects.
#include "host.hpp"

#include <algorithm>
#include <numeric>
#include <vector>

TEST(RangeFor, OverObjects)
{
    std::vector<std::string> seen;
    for (const nexus::Object &item : nexus::list(1, "two", 3.5)) seen.push_back(item.repr());
    EXPECT_EQ(seen, (std::vector<std::string>{"1", "'two'", "3.5"}));
    std::vector<nexus::Object> kept;
    for (nexus::Object item : eval("{'a': 1, 'b': 2}")) kept.push_back(std::move(item));
    ASSERT_EQ(kept.size(), 2U);
    EXPECT_EQ(kept[1].as<std::string>(), "b");
    for (auto &&item : nexus::list()) FAIL() << item;
    std::size_t letters = 0;
    for (auto &&letter : nexus::object("text")) letters += letter.as<std::string>().size();
    EXPECT_EQ(letters, 4U);
}

TEST(RangeFor, OverItemsOfAType)
{
    int sum = 0;
    for (const int number : eval("(n * n for n in range(5))").items<int>()) sum += number;
    EXPECT_EQ(sum, 30);
    std::map<std::string, int> pairs;
    for (const auto &[key, value] : eval("{'a': 1, 'b': 2}").call("items").items<std::pair<std::string, int>>()) pairs[key] = value;
    EXPECT_EQ(pairs, (std::map<std::string, int>{{"a", 1}, {"b", 2}}));
    auto items = nexus::list(3, 1, 2).items<int>();
    const std::vector<int> copied(items.begin(), items.end());
    EXPECT_EQ(copied, (std::vector<int>{3, 1, 2}));
    auto others = nexus::list(3, 1, 2).items<int>();
    EXPECT_EQ(std::accumulate(others.begin(), others.end(), 0), 6);
}

TEST(RangeFor, ManyAtOnce)
{
    for (const std::size_t at_once : {0U, 1U, 2U, 7U, 16U, 17U, 100U, 1000U}) {
        std::vector<std::string> seen;
        for (std::string text : eval("[str(n) for n in range(100)]").items<std::string>(at_once)) seen.push_back(std::move(text));
        ASSERT_EQ(seen.size(), 100U) << at_once;
        EXPECT_EQ(seen[99], "99");
    }
    for (const int number : nexus::list().items<int>(10)) FAIL() << number;
    const nexus::Module module = values();
    for (int i = 0; i < 2; i++) {
        std::vector<nexus::Object> tracked;
        for (int n = 0; n < 5; n++) tracked.push_back(module.call("Tracked"));
        const nexus::Object list = nexus::object(tracked);
        tracked.clear();
        for (const nexus::Object &item : list.items(3)) {
            EXPECT_EQ(item.type_name(), "values.Tracked");
            break;
        }
    }
    EXPECT_EQ(module.call<int>("count_alive"), 0);
}

TEST(RangeFor, LazyOneByOne)
{
    const nexus::Object globals = run("steps = []\n"
                                      "def endless():\n"
                                      "    n = 0\n"
                                      "    while True:\n"
                                      "        steps.append(n)\n"
                                      "        yield n\n"
                                      "        n += 1\n");
    for (const int number : globals["endless"]().items<int>()) {
        if (number == 3) break;
    }
    EXPECT_EQ(globals["steps"].get().size(), 4U) << "not one more than asked for";
}

TEST(RangeFor, ThrowsWhatTheIteratorRaises)
{
    const nexus::Object globals = run("def fails():\n"
                                      "    yield 1\n"
                                      "    raise ValueError('no more')\n");
    int seen = 0;
    EXPECT_STATUS([&] { for (const int number : globals["fails"]().items<int>()) seen += number; }(), NEXUS_ERR_EXCEPTION);
    EXPECT_EQ(seen, 1);
    EXPECT_STATUS([&] { for (const int number : globals["fails"]().items<int>(5)) seen += number; }(), NEXUS_ERR_EXCEPTION);
    EXPECT_STATUS([&] { for (auto &&item : nexus::object(5)) static_cast<void>(item); }(), NEXUS_ERR_EXCEPTION);
    EXPECT_STATUS([&] { for (const int number : nexus::list(1, "two").items<int>()) static_cast<void>(number); }(), NEXUS_ERR_TYPE);
    const nexus::Object dict = eval("{1: 1, 2: 2}");
    EXPECT_STATUS([&] { for (auto &&key : dict) dict[key.as<int>() + 10] = 1; }(), NEXUS_ERR_EXCEPTION);
}

TEST(Iterator, ByHand)
{
    nexus::Iterator iterator = nexus::list(1, "two").try_iterate().value();
    EXPECT_EQ(iterator.next<int>(), 1);
    EXPECT_EQ(iterator.next<std::string>(), "two");
    EXPECT_FALSE(iterator.next());
    EXPECT_FALSE(iterator.next()) << "and it stays at its end";
    EXPECT_STATUS(nexus::object(5).try_iterate().value(), NEXUS_ERR_EXCEPTION);
}

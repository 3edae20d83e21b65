// Containers, both ways.
#include "host.hpp"

#include <array>
#include <complex>
#include <deque>
#include <list>
#include <set>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <vector>
#if __cplusplus >= 202002L
#include <span>
#endif

namespace {

template <class T> std::string arrives(const T &value) { return values().call<std::string>("describe", value); }
template <class T> T echo(const T &value) { return values().call<T>("echo", value); }

struct Point {
    int x, y;
};
struct Named {
    std::string name;
};
struct Half {
    int whole;
};

} // namespace

template <> struct nexus::convert<Point> {
    static auto to_python(const Point &p) { return std::make_tuple(p.x, p.y); }
    static Point from_python(const nexus::Object &o)
    {
        const auto [x, y] = o.as<std::pair<int, int>>();
        return {x, y};
    }
};
template <> struct nexus::convert<Named> {
    // A view of the value, and an object of its own: both must last for the call.
    static std::string_view to_python(const Named &n) { return n.name; }
    static nexus::result<Named> from_python(const nexus::Object &o)
    {
        return o.try_str().transform([](std::string &&name) { return Named{std::move(name)}; });
    }
};
template <> struct nexus::convert<Half> {
    static nexus::result<nexus::Object> to_python(const Half &h)
    {
        if (h.whole % 2 != 0) return nexus::Error(NEXUS_ERR_INVALID_ARGUMENT, "it is odd");
        return nexus::try_list(h.whole / 2);
    }
    static Half from_python(const nexus::Object &o) { return {2 * o[0].as<int>()}; }
};

TEST(Lists, OfNumbers)
{
    EXPECT_EQ(arrives(std::vector<int>{1, 2, -3}), "list [1, 2, -3]");
    EXPECT_EQ(arrives(std::vector<std::int64_t>{1}), "list [1]");
    EXPECT_EQ(arrives(std::vector<std::uint64_t>{1, 18446744073709551615U}), "list [1, 18446744073709551615]");
    EXPECT_EQ(arrives(std::vector<std::uint8_t>{1, 255}), "list [1, 255]");
    EXPECT_EQ(arrives(std::vector<double>{1.5, 2}), "list [1.5, 2.0]");
    EXPECT_EQ(arrives(std::vector<float>{0.5F}), "list [0.5]");
    EXPECT_EQ(arrives(std::vector<bool>{true, false}), "list [True, False]");
    EXPECT_EQ(arrives(std::vector<int>()), "list []");
    EXPECT_EQ(echo(std::vector<int>{1, 2, 3}), (std::vector<int>{1, 2, 3}));
    EXPECT_EQ(echo(std::vector<std::int64_t>{1, 2, 3}), (std::vector<std::int64_t>{1, 2, 3}));
    EXPECT_EQ(echo(std::vector<std::uint64_t>{18446744073709551615U}), (std::vector<std::uint64_t>{18446744073709551615U}));
    EXPECT_EQ(echo(std::vector<double>{1.5, 2}), (std::vector<double>{1.5, 2}));
    EXPECT_EQ(echo(std::vector<float>{0.5F}), std::vector<float>{0.5F});
    EXPECT_EQ(echo(std::vector<bool>{true, false}), (std::vector<bool>{true, false}));
    EXPECT_EQ(echo(std::vector<std::int64_t>()), std::vector<std::int64_t>());
    EXPECT_EQ(echo(std::vector<short>()), std::vector<short>());
}

TEST(Lists, OfTexts)
{
    EXPECT_EQ(arrives(std::vector<std::string>{"a", "b"}), "list ['a', 'b']");
    EXPECT_EQ(arrives(std::vector<std::string_view>{"a", "b"}), "list ['a', 'b']");
    EXPECT_EQ(arrives(std::vector<const char *>{"a", nullptr}), "list ['a', None]");
    EXPECT_EQ(echo(std::vector<std::string>{"a", "größe"}), (std::vector<std::string>{"a", "größe"}));
}

TEST(Lists, OfEveryLength)
{
    // Around the sixteen items that are read without asking for the length.
    for (const std::size_t length : {0U, 1U, 15U, 16U, 17U, 31U, 1000U}) {
        std::vector<std::string> texts;
        for (std::size_t i = 0; i < length; i++) texts.push_back("text " + std::to_string(i));
        EXPECT_EQ(echo(texts), texts) << length;
        const std::vector<int> numbers(length, 7);
        EXPECT_EQ(echo(numbers), numbers) << length;
    }
}

TEST(Lists, OfEveryShape)
{
    EXPECT_EQ(arrives(std::array<int, 2>{{1, 2}}), "list [1, 2]");
    EXPECT_EQ(arrives(std::deque<int>{1, 2}), "list [1, 2]");
    EXPECT_EQ(arrives(std::list<std::string>{"a"}), "list ['a']");
    EXPECT_EQ(echo(std::deque<int>{1, 2}), (std::deque<int>{1, 2}));
    EXPECT_EQ(echo(std::list<std::string>{"a"}), std::list<std::string>{"a"});
    EXPECT_EQ((echo(std::array<double, 2>{{1.5, 2}})), (std::array<double, 2>{{1.5, 2}}));
    EXPECT_STATUS((values().call<std::array<int, 3>>("echo", std::vector<int>{1, 2})), NEXUS_ERR_TYPE);
    EXPECT_EQ(arrives(std::initializer_list<int>{1, 2}), "list [1, 2]");
#if __cplusplus >= 202002L
    const int numbers[] = {1, 2, 3};
    EXPECT_EQ(arrives(std::span<const int>(numbers)), "list [1, 2, 3]");
    std::vector<std::int64_t> wide{4, 5};
    EXPECT_EQ(arrives(std::span<std::int64_t>(wide)), "list [4, 5]");
#endif
}

TEST(Lists, OfBytesAreBytes)
{
    EXPECT_EQ(arrives(std::vector<std::byte>{std::byte{1}, std::byte{255}}), "bytes b'\\x01\\xff'");
    EXPECT_EQ(arrives(std::deque<std::byte>{std::byte{1}}), "bytes b'\\x01'");
    EXPECT_EQ(echo(std::vector<std::byte>{std::byte{1}}), std::vector<std::byte>{std::byte{1}});
    EXPECT_STATUS(values().call<std::vector<std::byte>>("echo", std::vector<int>{1}), NEXUS_ERR_TYPE);
}

TEST(Lists, ComeFromSequencesOnly)
{
    EXPECT_EQ(eval("(1, 2)").as<std::vector<int>>(), (std::vector<int>{1, 2}));
    EXPECT_EQ(eval("range(3)").as<std::vector<int>>(), (std::vector<int>{0, 1, 2}));
    EXPECT_EQ(eval("range(20)").as<std::vector<std::int64_t>>().size(), 20U);
    EXPECT_EQ(eval("__import__('array').array('d', [1.5])").as<std::vector<double>>(), std::vector<double>{1.5});
    EXPECT_STATUS(eval("{1, 2}").as<std::vector<int>>(), NEXUS_ERR_TYPE);
    EXPECT_STATUS(eval("{1: 2}").as<std::vector<int>>(), NEXUS_ERR_TYPE);
    EXPECT_STATUS(eval("'abc'").as<std::vector<std::string>>(), NEXUS_ERR_TYPE);
    EXPECT_STATUS(eval("5").as<std::vector<int>>(), NEXUS_ERR_TYPE);
    EXPECT_STATUS(eval("None").as<std::vector<int>>(), NEXUS_ERR_TYPE);
}

TEST(Lists, SayWhichItemIsWrong)
{
    EXPECT_WHAT(eval("[1, 2, 'three']").as<std::vector<int>>(), "item 2: expected int, got str");
    EXPECT_WHAT(eval("[1, 300]").as<std::vector<std::uint8_t>>(), "item 1: 300 does not fit into 8 bits without a sign");
    EXPECT_WHAT(eval("[[1], [2, None]]").as<std::vector<std::vector<int>>>(), "item 1: item 1: expected int, got None");
    EXPECT_STATUS(eval("[1, 'two']").as<std::vector<std::int64_t>>(), NEXUS_ERR_TYPE);
    EXPECT_STATUS(eval("[2**63]").as<std::vector<std::int64_t>>(), NEXUS_ERR_OVERFLOW);
    EXPECT_STATUS(eval("[True]").as<std::vector<int>>(), NEXUS_ERR_TYPE);
    EXPECT_STATUS(arrives(std::vector<std::string>{"good", "\xff"}), NEXUS_ERR_INVALID_ARGUMENT);
}

TEST(Tuples, AreTuples)
{
    EXPECT_EQ(arrives(std::make_tuple(1, "two", 3.5)), "tuple (1, 'two', 3.5)");
    EXPECT_EQ(arrives(std::make_pair(1, std::string("two"))), "tuple (1, 'two')");
    EXPECT_EQ(arrives(std::tuple<>()), "tuple ()");
    EXPECT_EQ(arrives(std::tuple<int>(1)), "tuple (1,)");
    EXPECT_EQ(echo(std::make_tuple(1, std::string("two"), 3.5)), std::make_tuple(1, std::string("two"), 3.5));
    EXPECT_EQ(echo(std::make_pair(true, std::vector<int>{1})), std::make_pair(true, std::vector<int>{1}));
    EXPECT_EQ(echo(std::tuple<>()), std::tuple<>());
    EXPECT_EQ((eval("[1, 'x']").as<std::tuple<int, std::string>>()), std::make_tuple(1, std::string("x")));
    EXPECT_WHAT((eval("(1, 2, 3)").as<std::pair<int, int>>()), "expected 2 items, got 3");
    EXPECT_WHAT((eval("(1,)").as<std::pair<int, int>>()), "expected 2 items, got 1");
    EXPECT_WHAT((eval("(1, 'x')").as<std::pair<int, int>>()), "item 1: expected int, got str");
    EXPECT_WHAT((eval("5").as<std::pair<int, int>>()), "expected a tuple, got int");
}

TEST(Dicts, AreMaps)
{
    EXPECT_EQ(arrives(std::map<std::string, int>{{"a", 1}, {"b", 2}}), "dict {'a': 1, 'b': 2}");
    EXPECT_EQ(arrives(std::unordered_map<int, std::string>{{1, "one"}}), "dict {1: 'one'}");
    EXPECT_EQ(arrives(std::map<std::pair<int, int>, bool>{{{1, 2}, true}}), "dict {(1, 2): True}");
    EXPECT_EQ((echo(std::map<std::string, std::vector<double>>{{"a", {1.5}}, {"b", {}}})),
              (std::map<std::string, std::vector<double>>{{"a", {1.5}}, {"b", {}}}));
    EXPECT_EQ((echo(std::unordered_map<int, int>())), (std::unordered_map<int, int>()));
    std::map<int, std::string> many;
    for (int i = 0; i < 1000; i++) many[i] = std::to_string(i);
    EXPECT_EQ(echo(many), many);
    EXPECT_WHAT((eval("{'a': 'x'}").as<std::map<std::string, int>>()), "value 0: expected int, got str");
    EXPECT_WHAT((eval("{1: 'x'}").as<std::map<std::string, std::string>>()), "key 0: expected str, got int");
    EXPECT_STATUS((eval("[1]").as<std::map<int, int>>()), NEXUS_ERR_TYPE);
    EXPECT_EQ((eval("__import__('collections').OrderedDict(a=1)").as<std::map<std::string, int>>()),
              (std::map<std::string, int>{{"a", 1}}));
    // What cannot be hashed is no key.
    EXPECT_STATUS(arrives(std::map<std::vector<int>, int>{{{1}, 1}}), NEXUS_ERR_EXCEPTION);
}

TEST(Sets, AreSets)
{
    EXPECT_EQ(arrives(std::set<int>{1}), "set {1}");
    EXPECT_EQ(arrives(std::unordered_set<std::string>{"a"}), "set {'a'}");
    EXPECT_EQ(echo(std::set<std::string>{"a", "b"}), (std::set<std::string>{"a", "b"}));
    EXPECT_EQ(eval("frozenset({1, 2})").as<std::unordered_set<int>>(), (std::unordered_set<int>{1, 2}));
    EXPECT_STATUS(eval("[1]").as<std::set<int>>(), NEXUS_ERR_TYPE);
    EXPECT_STATUS(eval("{'a'}").as<std::set<int>>(), NEXUS_ERR_TYPE);
    std::set<int> many;
    for (int i = 0; i < 500; i++) many.insert(i);
    EXPECT_EQ(echo(many), many);
}

TEST(Complex, Numbers)
{
    EXPECT_EQ(echo(std::complex<double>(1.5, -2)), std::complex<double>(1.5, -2));
    EXPECT_EQ(values().call<std::complex<double>>("make", "complex"), std::complex<double>(0, 1));
    EXPECT_STATUS(values().call<std::complex<double>>("echo", 1.5), NEXUS_ERR_TYPE);
    EXPECT_STATUS(values().call<std::complex<double>>("make", "list"), NEXUS_ERR_TYPE);
}

TEST(Nested, ContainersInOneCall)
{
    using Table = std::map<std::string, std::vector<std::tuple<int, std::optional<std::string>, std::set<double>>>>;
    const Table table{{"first", {{1, "one", {1.5}}, {2, std::nullopt, {}}}}, {"second", {}}};
    EXPECT_EQ(echo(table), table);
    EXPECT_EQ(arrives(table), "dict {'first': [(1, 'one', {1.5}), (2, None, set())], 'second': []}");
    const std::vector<std::vector<std::vector<int>>> deep{{{1}, {}}, {}, {{2, 3}}};
    EXPECT_EQ(echo(deep), deep);
}

TEST(Nested, ObjectsStayTheSame)
{
    const nexus::Object tracked = values().call("Tracked");
    std::vector<nexus::Object> objects;
    objects.push_back(tracked.clone());
    objects.push_back(nexus::object(5));
    const nexus::Object list = values().call("echo", objects);
    EXPECT_TRUE(list[0].get().is(tracked));
    auto back = list.as<std::vector<nexus::Object>>();
    ASSERT_EQ(back.size(), 2U);
    EXPECT_TRUE(back[0].is(tracked));
    EXPECT_EQ(back[1].as<int>(), 5);
    auto dict = values().call<std::map<std::string, nexus::Object>>("echo", std::map<std::string, nexus::Object>());
    EXPECT_TRUE(dict.empty());
}

TEST(Made, ListsTuplesAndDictsOfAnything)
{
    EXPECT_EQ(nexus::list(1, "two", 3.5, nullptr, std::vector<int>{4}).repr(), "[1, 'two', 3.5, None, [4]]");
    EXPECT_EQ(nexus::list().repr(), "[]");
    EXPECT_EQ(nexus::tuple(1, "two").repr(), "(1, 'two')");
    EXPECT_EQ(nexus::dict(nexus::kw("host") = "localhost", nexus::kw("ports") = std::vector<int>{80, 443}).repr(),
              "{'host': 'localhost', 'ports': [80, 443]}");
    EXPECT_EQ(nexus::dict().repr(), "{}");
    EXPECT_EQ(nexus::from_json(R"({"a": [1, 2.5, null]})").repr(), "{'a': [1, 2.5, None]}");
    EXPECT_STATUS(nexus::from_json("{"), NEXUS_ERR_EXCEPTION);
    EXPECT_EQ(nexus::list(1, true, "x").to_json(), R"([1,true,"x"])");
}

TEST(Converted, TypesOfYourOwn)
{
    EXPECT_EQ(arrives(Point{1, 2}), "tuple (1, 2)");
    const Point back = values().call<Point>("echo", Point{3, 4});
    EXPECT_EQ(back.x, 3);
    EXPECT_EQ(back.y, 4);
    EXPECT_EQ(arrives(std::vector<Point>{{1, 2}, {3, 4}}), "list [(1, 2), (3, 4)]");
    const auto points = values().call<std::vector<Point>>("echo", std::vector<Point>{{1, 2}, {3, 4}});
    ASSERT_EQ(points.size(), 2U);
    EXPECT_EQ(points[1].y, 4);
    EXPECT_EQ(arrives(Named{"name"}), "str 'name'");
    EXPECT_EQ(values().call<Named>("echo", std::vector<Named>{{"a"}, {"b"}}).name, "['a', 'b']");
    EXPECT_EQ(arrives(Half{6}), "list [3]");
    EXPECT_EQ(values().call<Half>("echo", Half{6}).whole, 6);
    EXPECT_WHAT(arrives(Half{7}), "it is odd");
    EXPECT_STATUS(values().call<Point>("echo", 5), NEXUS_ERR_TYPE);
    const std::map<std::string, Point> named{{"a", {1, 2}}};
    EXPECT_EQ(arrives(named), "dict {'a': (1, 2)}");
}

TEST(Containers, LeaveNoObjectBehind)
{
    const nexus::Module module = values();
    for (int i = 0; i < 3; i++) {
        std::vector<nexus::Object> tracked;
        for (int n = 0; n < 20; n++) tracked.push_back(module.call("Tracked"));
        EXPECT_EQ(module.call<int>("count_alive"), 20);
        std::vector<std::vector<nexus::Object>> nested;
        nested.push_back(std::move(tracked));
        auto back = module.call<std::vector<std::vector<nexus::Object>>>("echo", nested);
        EXPECT_EQ(back[0].size(), 20U);
        EXPECT_STATUS(module.call<std::vector<std::vector<int>>>("echo", nested), NEXUS_ERR_TYPE);
        nested.clear();
        EXPECT_EQ(module.call<int>("count_alive"), 20);
        back.clear();
        EXPECT_EQ(module.call<int>("count_alive"), 0);
    }
}

// Calls: of functions and methods, with keywords, prepared, many at once.
#include "host.hpp"

using nexus::kw;

namespace {

const char *const greet = "def greet(name, greeting='Hello', *, mark='!'):\n"
                          "    'Greets somebody.'\n"
                          "    return f'{greeting}, {name}{mark}'\n";

} // namespace

TEST(Calls, OfFunctionsAndMethods)
{
    const nexus::Module module = values();
    EXPECT_EQ(module.call<int>("add", 2, 3), 5);
    EXPECT_EQ(module.call("add", 2, 3).as<int>(), 5);
    EXPECT_EQ(module("add")(2, 3).as<int>(), 5);
    EXPECT_EQ(module.attr("add")(2, 3).as<int>(), 5);
    EXPECT_EQ(module("add").invoke<int>(2, 3), 5);
    EXPECT_EQ(module.get_attr("add")(2, 3).as<int>(), 5);
    EXPECT_EQ(module.get_attr("add").invoke<int>(2, 3), 5);
    EXPECT_EQ(module.call<int>("count"), 0);
    EXPECT_EQ(module.call<int>("count", 1, "two", 3.5, nullptr, true), 5);
    EXPECT_EQ(module.call<std::string>(std::string("concat"), "a", "b"), "ab");
    EXPECT_EQ(module.call<std::string>(std::string_view("concat!").substr(0, 6), "a", "b"), "ab");
    module.call<void>("echo", "what is of no interest");
    module.call<void>("echo", std::vector<int>{1});
}

TEST(Calls, OfAFunctionThatOutlivesTheModule)
{
    const auto encrypt = nexus::Loader(fixture("documented"))["crypto"]("encrypt");
    EXPECT_EQ(encrypt("Hello").as<std::string>(), "2a24600860");
    EXPECT_EQ(encrypt("Hello").as<std::string>(), "2a24600860");
}

TEST(Calls, OfMethodsOfPlainValues)
{
    EXPECT_EQ(nexus::object("a,b").call<std::vector<std::string>>("split", ","), (std::vector<std::string>{"a", "b"}));
    EXPECT_EQ(nexus::object(255).call<nexus::bytes>("to_bytes", 2, "big").chars(), std::string("\0\xff", 2));
    EXPECT_EQ(nexus::object(2.0).call<bool>("is_integer"), true);
    EXPECT_EQ(nexus::object("a").call<std::string>("replace", "a", "b"), "b");
}

TEST(Keywords, ComeLast)
{
    const nexus::Object globals = run(greet);
    const nexus::Object function = globals["greet"];
    EXPECT_EQ(function("Ann", kw("mark") = "?").as<std::string>(), "Hello, Ann?");
    EXPECT_EQ(function(kw("name") = "Ann").as<std::string>(), "Hello, Ann!");
    EXPECT_EQ(function.invoke<std::string>("Ann", kw("greeting") = std::string("Hi"), kw("mark") = "."), "Hi, Ann.");
    const std::string name = "Bob";
    EXPECT_EQ(function(kw("greeting") = "Bye", kw("name") = name).as<std::string>(), "Bye, Bob!");
    using namespace nexus::literals;
    EXPECT_EQ(function("Ann", "mark"_kw = "").as<std::string>(), "Hello, Ann");
    EXPECT_STATUS(function("Ann", kw("nonsense") = 1), NEXUS_ERR_EXCEPTION);
    EXPECT_STATUS(function("Ann", kw("mark") = "a", kw("mark") = "b"), NEXUS_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(globals["greet"]("Ann").as<std::string>(), "Hello, Ann!");
}

TEST(Keywords, OfMethods)
{
    const nexus::Module builtins = nexus::import_module("builtins");
    EXPECT_EQ(builtins.call<std::vector<int>>("sorted", std::vector<int>{3, 1, 2}, kw("reverse") = true),
              (std::vector<int>{3, 2, 1}));
    EXPECT_EQ((builtins.call<std::map<std::string, std::vector<int>>>("dict", kw("a") = std::vector<int>{1})),
              (std::map<std::string, std::vector<int>>{{"a", {1}}}));
    EXPECT_EQ(builtins.attr("int")("ff", kw("base") = 16).as<int>(), 16 * 15 + 15);
    EXPECT_EQ(nexus::object("é").call<nexus::bytes>("encode", kw("encoding") = "latin-1").chars(), "\xe9");
    EXPECT_STATUS(builtins.call("no_such_function", kw("a") = 1), NEXUS_ERR_EXCEPTION);
    // What is no function is called all the same, and Python says what it thinks of it.
    const nexus::Object holder = run("class Holder: number = 5\nholder = Holder()")["holder"];
    EXPECT_STATUS(holder.call("number", kw("a") = 1), NEXUS_ERR_EXCEPTION);
    EXPECT_STATUS(holder.call("number", 1), NEXUS_ERR_EXCEPTION);
}

TEST(Arguments, ThatAreWrongAreNamed)
{
    EXPECT_STATUS(values().call("add", 1, "\xff"), NEXUS_ERR_INVALID_ARGUMENT);
    const std::vector<std::optional<std::string>> texts{"a", "\xff"};
    EXPECT_STATUS(values().call("echo", texts), NEXUS_ERR_INVALID_ARGUMENT);
}

TEST(Arguments, MayBeCValues)
{
    EXPECT_EQ(values().call<int>("echo", nexus_value_integer(5)), 5);
    const nexus::Object list = nexus::list(1);
    EXPECT_TRUE(values().call("echo", list).is(list));
    EXPECT_TRUE(values().call("echo", list.value()).is(list));
}

TEST(Results, OfEveryKind)
{
    const nexus::Module module = values();
    EXPECT_EQ(module.call("make", "none").kind(), NEXUS_KIND_NONE);
    EXPECT_EQ(module.call("make", "true").kind(), NEXUS_KIND_BOOLEAN);
    EXPECT_EQ(module.call("make", "zero").kind(), NEXUS_KIND_INTEGER);
    EXPECT_EQ(module.call("make", "nan").kind(), NEXUS_KIND_REAL);
    EXPECT_EQ(module.call("make", "text_latin").kind(), NEXUS_KIND_TEXT);
    EXPECT_EQ(module.call("make", "bytes_nul").kind(), NEXUS_KIND_BYTES);
    EXPECT_EQ(module.call("make", "list").kind(), NEXUS_KIND_OBJECT);
    EXPECT_STATUS(module.call("make", "nothing of that name"), NEXUS_ERR_EXCEPTION);
}

TEST(Prepared, Calls)
{
    const nexus::Module module = values();
    const auto add = module.prepare<std::int64_t(std::int64_t, std::int64_t)>("add");
    for (int i = 0; i < 100; i++) EXPECT_EQ(add(i, 1), i + 1);
    EXPECT_STATUS((module.prepare<int(std::string, int)>("add")("x", 1)), NEXUS_ERR_EXCEPTION);
    const auto concat = module.get_attr("concat").prepare<std::string(std::string_view, const char *)>();
    EXPECT_EQ(concat("a", "b"), "ab");
    const auto echo = module.prepare<std::vector<int>(std::vector<int>)>("echo");
    EXPECT_EQ(echo({1, 2}), (std::vector<int>{1, 2}));
    const auto nothing = module.prepare<void(nexus::Object)>("echo");
    nothing(nexus::object(1));
    EXPECT_STATUS(module.prepare<int()>("ANSWER"), NEXUS_ERR_TYPE);
    EXPECT_STATUS(module.prepare<int()>("no_such_function"), NEXUS_ERR_EXCEPTION);
}

TEST(Prepared, WithKeywords)
{
    const nexus::Object globals = run(greet);
    const auto greeting = globals["greet"].get().prepare<std::string(std::string, std::string)>({"mark"});
    EXPECT_EQ(greeting("Ann", "?"), "Hello, Ann?");
}

TEST(Prepared, CallsOfManyInOneCrossing)
{
    const nexus::Module module = values();
    const auto add = module.prepare<int(int, int)>("add");
    EXPECT_EQ(add.invoke_each(std::vector<std::pair<int, int>>{{1, 2}, {3, 4}}), (std::vector<int>{3, 7}));
    EXPECT_EQ(add.invoke_each(std::vector<std::tuple<int, int>>{{1, 2}}), std::vector<int>{3});
    EXPECT_EQ(add.invoke_each(std::vector<std::pair<int, int>>()), std::vector<int>());
    const auto describe = module.prepare<std::string(std::string)>("describe");
    EXPECT_EQ(describe.invoke_each(std::vector<std::string>{"a", "b"}), (std::vector<std::string>{"str 'a'", "str 'b'"}));
    EXPECT_EQ(describe.invoke_each(std::vector<const char *>{"a"}), std::vector<std::string>{"str 'a'"});
    EXPECT_EQ(describe.invoke_each(std::vector<std::tuple<std::string>>{{"a"}}), std::vector<std::string>{"str 'a'"});
    const auto pairs = module.prepare<std::pair<int, int>(std::pair<int, int>)>("echo");
    EXPECT_EQ(pairs.invoke_each(std::vector<std::pair<int, int>>{{1, 2}}), (std::vector<std::pair<int, int>>{{1, 2}}));
    const auto made = module.prepare<nexus::Object(std::string)>("make");
    EXPECT_EQ(made.invoke_each(std::vector<std::string>(40, "list")).size(), 40U);
    EXPECT_STATUS(made.invoke_each(std::vector<std::string>{"list", "nothing of that name"}), NEXUS_ERR_EXCEPTION);
    const auto nothing = module.prepare<void(int)>("echo");
    EXPECT_EQ(nothing.invoke_each(std::vector<int>{1, 2, 3}), 3U);
    EXPECT_WHAT(module.prepare<int(std::string)>("echo").invoke_each(std::vector<std::string>{"a"}), "result 0: expected int, got str");
}

TEST(Prepared, OutlivesEverything)
{
    auto add = nexus::Loader(fixture("values"))["values"].prepare<int(int, int)>("add");
    EXPECT_EQ(add(1, 2), 3);
    const auto moved = std::move(add);
    EXPECT_EQ(moved(1, 2), 3);
}

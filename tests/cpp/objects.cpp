// Objects: ownership, attributes, items, texts, comparisons, generators.
#include "host.hpp"

#include <set>
#include <sstream>
#include <vector>

namespace {

const char *const person = "class Person:\n"
                           "    'Somebody.'\n"
                           "    def __init__(self, name): self.name = name\n"
                           "    def greet(self, other): return f'{self.name} greets {other}'\n"
                           "    @property\n"
                           "    def broken(self): raise ValueError('broken')\n"
                           "ann = Person('Ann')\n";

} // namespace

TEST(Ownership, NoneIsTheDefault)
{
    nexus::Object object;
    EXPECT_TRUE(object.is_none());
    EXPECT_EQ(object.repr(), "None");
    nexus::Object list = nexus::list(1, 2);
    object = std::move(list);
    EXPECT_TRUE(list.is_none());
    EXPECT_EQ(object.size(), 2U);
    object = nexus::Object();
    EXPECT_TRUE(object.is_none());
    nexus::Object &self = object = nexus::list(1);
    object = std::move(self);
    EXPECT_EQ(object.size(), 1U) << "moved to itself";
}

TEST(Ownership, EndsWithTheObject)
{
    const nexus::Module module = values();
    const auto alive = [&] { return module.call<int>("count_alive"); };
    {
        nexus::Object first = module.call("Tracked");
        EXPECT_EQ(alive(), 1);
        nexus::Object second = first.clone();
        EXPECT_TRUE(first.is(second));
        first = nexus::Object();
        EXPECT_EQ(alive(), 1);
        second = module.call("Tracked");
        EXPECT_EQ(alive(), 1);
        nexus::Object third(second.release());
        EXPECT_TRUE(second.is_none());
        EXPECT_EQ(alive(), 1);
        EXPECT_STATUS(third.as<int>(), NEXUS_ERR_TYPE);
        EXPECT_STATUS(module.call<int>("Tracked"), NEXUS_ERR_TYPE);
        EXPECT_EQ(alive(), 1) << "what could not be converted is gone";
        EXPECT_TRUE(std::move(third).as<nexus::Object>().is_instance(module.get_attr("Tracked")));
        EXPECT_TRUE(third.is_none());
    }
    EXPECT_EQ(alive(), 0);
}

TEST(Ownership, ObjectsOutliveLoadersAndEachOther)
{
    nexus::Object encrypt;
    {
        const nexus::Loader loader(fixture("documented"));
        const nexus::Module crypto = loader["crypto"];
        encrypt = crypto.get_attr("encrypt");
    }
    EXPECT_EQ(encrypt("Hello").as<std::string>(), "2a24600860");
}

TEST(Ownership, ClonesKeepTheirKind)
{
    const nexus::Object text = nexus::object("text").clone(), bytes = nexus::object(nexus::bytes("b")).clone();
    EXPECT_EQ(text.as<std::string_view>(), "text");
    EXPECT_EQ(bytes.as<nexus::bytes_view>().chars(), "b");
    EXPECT_EQ(nexus::object(5).clone().as<int>(), 5);
    EXPECT_EQ(nexus::list(1).clone().repr(), "[1]");
    EXPECT_TRUE(nexus::Object().clone().is_none());
}

TEST(Attributes, AreReadSetAndDeleted)
{
    const nexus::Object ann = run(person)["ann"];
    EXPECT_EQ(ann.attr("name").as<std::string>(), "Ann");
    EXPECT_EQ(ann.get_attr<std::string>("name"), "Ann");
    ann.attr("age") = 41;
    EXPECT_EQ(ann.attr("age").as<int>(), 41);
    ann.set_attr("tags", std::set<std::string>{"a"});
    EXPECT_EQ(ann.attr("tags").str(), "{'a'}");
    ann.attr("friend") = ann.attr("name");
    EXPECT_EQ(ann.attr("friend").as<std::string>(), "Ann");
    EXPECT_EQ(ann.call<std::string>("greet", ann.attr("name")), "Ann greets Ann");
    EXPECT_TRUE(ann.has_attr("age"));
    ann.delete_attr("age");
    EXPECT_FALSE(ann.has_attr("age"));
    EXPECT_STATUS(ann.attr("age").get(), NEXUS_ERR_EXCEPTION);
    EXPECT_STATUS(ann.get_attr<int>("name"), NEXUS_ERR_TYPE);
    EXPECT_STATUS(ann.has_attr("broken"), NEXUS_ERR_EXCEPTION);
    EXPECT_STATUS(ann.delete_attr("nothing"), NEXUS_ERR_EXCEPTION);
    EXPECT_STATUS(nexus::object(5).set_attr("x", 1), NEXUS_ERR_EXCEPTION);
    EXPECT_EQ(ann.attr("greet")("Bob").as<std::string>(), "Ann greets Bob");
    EXPECT_EQ(ann.attr("greet").get()("Bob").as<std::string>(), "Ann greets Bob");
    EXPECT_EQ(ann.attr("__class__").attr("__name__").as<std::string>(), "Person");
    EXPECT_EQ(ann.attr("name").call<std::string>("upper"), "ANN");
    EXPECT_EQ(nexus::object(5).attr("real").as<int>(), 5);
}

TEST(Attributes, NamesOfEveryKind)
{
    const nexus::Object ann = run(person)["ann"];
    ann.set_attr("größe", 180);
    EXPECT_EQ(ann.get_attr<int>(std::string("größe")), 180);
    EXPECT_EQ(ann.get_attr<int>(std::string_view("größe und mehr").substr(0, 7)), 180);
    EXPECT_STATUS(ann.get_attr("\xff"), NEXUS_ERR_INVALID_ARGUMENT);
    EXPECT_FALSE(ann.has_attr(std::string("name\0more", 9))) << "a NUL does not end a name";
    const nexus::Names names = ann.dir();
    bool found = false;
    for (const std::string_view name : names) found = found || name == "größe";
    EXPECT_TRUE(found);
    EXPECT_EQ(names.strings().size(), names.size());
}

TEST(Items, OfDicts)
{
    const nexus::Object dict = nexus::dict();
    dict["a"] = 1;
    dict[2] = "two";
    dict[std::make_pair(1, 2)] = std::vector<int>{3};
    EXPECT_EQ(dict.repr(), "{'a': 1, 2: 'two', (1, 2): [3]}");
    EXPECT_EQ(dict["a"].as<int>(), 1);
    EXPECT_EQ(dict[2].as<std::string>(), "two");
    EXPECT_EQ(dict[std::make_pair(1, 2)][0].as<int>(), 3);
    dict["b"] = dict["a"];
    EXPECT_EQ(dict.get_item<int>("b"), 1);
    EXPECT_EQ(dict.find_item<int>("b"), 1);
    EXPECT_EQ(dict.find_item<int>("nothing"), std::nullopt);
    EXPECT_STATUS(dict.find_item<int>(2), NEXUS_ERR_TYPE);
    EXPECT_TRUE(dict.contains("a"));
    EXPECT_FALSE(dict.contains("z"));
    EXPECT_EQ(dict.size(), 4U);
    dict.delete_item("a");
    EXPECT_FALSE(dict.contains("a"));
    EXPECT_STATUS(dict["a"].get(), NEXUS_ERR_EXCEPTION);
    EXPECT_STATUS(dict.delete_item("a"), NEXUS_ERR_EXCEPTION);
    EXPECT_STATUS(dict.set_item(std::vector<int>{1}, 1), NEXUS_ERR_EXCEPTION);
    EXPECT_STATUS(nexus::object(5)[0].get(), NEXUS_ERR_EXCEPTION);
}

TEST(Items, OfListsAndTexts)
{
    const nexus::Object list = nexus::list(1, 2, 3);
    EXPECT_EQ(list[-1].as<int>(), 3);
    list[0] = nexus::list("inner");
    EXPECT_EQ(list[0][0].as<std::string>(), "inner");
    EXPECT_EQ(nexus::list(nexus::list(7))[0][0].as<int>(), 7) << "a temporary is kept";
    EXPECT_EQ(nexus::object("text")[1].as<std::string>(), "e");
    EXPECT_STATUS(list[3].get(), NEXUS_ERR_EXCEPTION);
    try {
        static_cast<void>(list[3].get());
    } catch (const nexus::Error &error) {
        EXPECT_TRUE(error.is("builtins.IndexError"));
    }
}

TEST(Texts, OfObjects)
{
    const nexus::Object globals = run(person);
    EXPECT_EQ(nexus::object("it's").str(), "it's");
    EXPECT_EQ(nexus::object("it's").repr(), "\"it's\"");
    EXPECT_EQ(nexus::list("a").str(), "['a']");
    EXPECT_EQ(nexus::list().type_name(), "builtins.list");
    EXPECT_EQ(nexus::object(5).type_name(), "builtins.int");
    EXPECT_EQ(globals["Person"].get().doc(), "Somebody.");
    EXPECT_EQ(globals["Person"].get().signature(), "(name)");
    EXPECT_EQ(run("def f(a, b=2): pass")["f"].get().doc(), std::nullopt);
    EXPECT_STATUS(nexus::object(5).signature(), NEXUS_ERR_TYPE);
    std::ostringstream out;
    out << nexus::list(1) << ' ' << nexus::object("text") << ' ' << nexus::object(1.5) << ' ' << nexus::Object();
    EXPECT_EQ(out.str(), "[1] text 1.5 None");
    const nexus::Object bad = run("class Bad:\n    def __str__(self): raise ValueError('no text')\nbad = Bad()")["bad"];
    EXPECT_STATUS(out << bad, NEXUS_ERR_EXCEPTION);
}

TEST(Comparisons, AreThoseOfPython)
{
    const nexus::Object three = nexus::object(3);
    EXPECT_EQ(three, 3);
    EXPECT_EQ(three, 3.0);
    EXPECT_NE(three, 4);
    EXPECT_LT(three, 4);
    EXPECT_LE(three, 3);
    EXPECT_GT(three, 2);
    EXPECT_GE(three, nexus::object(3));
    EXPECT_TRUE(three != "3");
    EXPECT_TRUE(nexus::list(1, 2) == (std::vector<int>{1, 2}));
    EXPECT_TRUE(nexus::dict(nexus::kw("a") = 1)["a"] == 1);
    EXPECT_TRUE(nexus::Object() == nullptr);
    EXPECT_STATUS(three < "3", NEXUS_ERR_EXCEPTION);
    EXPECT_TRUE(nexus::list(1).compare(NEXUS_LESS, std::vector<int>{2}));
}

TEST(Comparisons, IdentityTruthAndHash)
{
    const nexus::Object list = nexus::list(1);
    EXPECT_TRUE(list.is(list));
    EXPECT_TRUE(list.is(list.clone()));
    EXPECT_FALSE(list.is(nexus::list(1)));
    EXPECT_TRUE(nexus::Object().is(nexus::object(nullptr)));
    EXPECT_TRUE(list.truth());
    EXPECT_FALSE(nexus::list().truth());
    EXPECT_FALSE(nexus::object("").truth());
    EXPECT_EQ(nexus::object(5).hash(), 5);
    EXPECT_STATUS(list.hash(), NEXUS_ERR_EXCEPTION);
}

TEST(Types, OfObjects)
{
    const nexus::Module builtins = nexus::import_module("builtins");
    const nexus::Object number = nexus::object(5);
    EXPECT_TRUE(number.type().is(builtins.get_attr("int")));
    EXPECT_TRUE(number.is_instance(builtins.get_attr("int")));
    EXPECT_FALSE(number.is_instance(builtins.get_attr("str")));
    EXPECT_STATUS(number.is_instance(number), NEXUS_ERR_BAD_HANDLE);
    EXPECT_TRUE(builtins.get_attr("len").is_callable());
    EXPECT_FALSE(number.is_callable());
    EXPECT_STATUS(number(), NEXUS_ERR_EXCEPTION);
}

TEST(Generators, AreSentValuesAndClosed)
{
    const nexus::Object globals = run("closed = []\n"
                                      "def echo():\n"
                                      "    try:\n"
                                      "        got = yield 'first'\n"
                                      "        got = yield [got]\n"
                                      "        return 'end'\n"
                                      "    finally:\n"
                                      "        closed.append(True)\n");
    const nexus::Object generator = globals["echo"]();
    bool finished = true;
    EXPECT_EQ(generator.send(nullptr, finished).as<std::string>(), "first");
    EXPECT_FALSE(finished);
    EXPECT_EQ(generator.send(std::vector<int>{1}, finished).repr(), "[[1]]");
    EXPECT_EQ(generator.send(2, finished).as<std::string>(), "end");
    EXPECT_TRUE(finished);
    const nexus::Object other = globals["echo"]();
    static_cast<void>(other.send(nullptr, finished));
    other.close();
    EXPECT_EQ(globals["closed"].get().size(), 2U);
}

TEST(Coroutines, AreRunToTheirEnd)
{
    const nexus::Object globals = run("import asyncio\n"
                                      "async def add(a, b):\n"
                                      "    await asyncio.sleep(0)\n"
                                      "    return a + b\n"
                                      "async def fail(): raise KeyError('gone')\n");
    EXPECT_EQ(globals["add"](1, 2).await<int>(), 3);
    EXPECT_STATUS(globals["fail"]().await(), NEXUS_ERR_EXCEPTION);
    EXPECT_STATUS(nexus::object(5).await(), NEXUS_ERR_TYPE);
}

TEST(Lifetime, EverythingAFewTimes)
{
    for (int i = 0; i < 3; i++) {
        const nexus::Loader loader(fixture("documented"));
        for (const std::string_view name : loader) EXPECT_TRUE(loader.contains(name));
        for (const nexus::ReportEntry entry : loader.report()) EXPECT_TRUE(entry.loaded());
        const nexus::Object globals = run(person);
        const nexus::Object ann = globals["ann"];
        ann.attr("list") = std::vector<std::map<std::string, std::optional<std::string>>>{{{"a", "b"}, {"c", std::nullopt}}};
        EXPECT_EQ((ann.attr("list").as<std::vector<std::map<std::string, std::optional<std::string>>>>()).size(), 1U);
        EXPECT_STATUS((ann.attr("list").as<std::vector<std::map<std::string, int>>>()), NEXUS_ERR_TYPE);
        const nexus::Object twice = nexus::function("twice", [](std::string_view text) { return std::string(text) + std::string(text); });
        EXPECT_EQ(twice("ab").as<std::string>(), "abab");
        const nexus::Object fails = nexus::function("fails", [](const nexus::Object &object) { return object.as<int>(); });
        EXPECT_STATUS(fails("x"), NEXUS_ERR_EXCEPTION);
        for (const nexus::Object &item : nexus::list(1, "two", nullptr)) static_cast<void>(item.repr());
        const auto upper = nexus::object("abc").prepare<std::string()>("upper");
        EXPECT_EQ(upper(), "ABC");
        std::vector<double> numbers{1, 2, 3};
        const nexus::Memory lent(numbers);
        EXPECT_EQ(nexus::import_module("builtins").call<double>("sum", lent), 6);
        EXPECT_EQ(nexus::Memory(std::vector<int>{1, 2}).view().buffer<const int>()[1], 2);
        try {
            static_cast<void>(globals["ann"].attr("broken").get());
        } catch (const nexus::Error &error) {
            const nexus::Error copy = error;
            EXPECT_EQ(copy.exception().type_name(), "builtins.ValueError");
        }
    }
}

// Functions of the program that Python calls.
#include "host.hpp"

#include <atomic>
#include <functional>
#include <system_error>
#include <variant>
#include <vector>

namespace {

int add(int a, int b) { return a + b; }
int add_without_exceptions(int a, int b) noexcept { return a + b; }

/// What Python sees of the exception that calling it raises: "TypeError: text".
std::string seen(const nexus::Object &function, const char *arguments = "")
{
    const nexus::Object globals = nexus::dict(nexus::kw("f") = function);
    nexus::import_module("builtins").call("exec", std::string("try:\n    result = repr(f(") + arguments +
                                                      "))\n"
                                                      "except BaseException as e:\n    result = f'{type(e).__name__}: {e}'",
                                          globals);
    return globals["result"].as<std::string>();
}

struct Tracked {
    explicit Tracked(std::atomic<int> &count) : alive(&count) { ++*alive; }
    Tracked(const Tracked &other) : alive(other.alive) { ++*alive; }
    ~Tracked() { --*alive; }
    Tracked &operator=(const Tracked &) = delete;
    int operator()(int x) const { return x; }
    std::atomic<int> *alive;
};

} // namespace

TEST(Functions, OfEveryKind)
{
    EXPECT_EQ(nexus::function("add", add)(2, 3).as<int>(), 5);
    EXPECT_EQ(nexus::function("add", &add)(2, 3).as<int>(), 5);
    EXPECT_EQ(nexus::function("add", add_without_exceptions)(2, 3).as<int>(), 5);
    EXPECT_EQ(nexus::function("add", [](int a, int b) { return a + b; })(2, 3).as<int>(), 5);
    EXPECT_EQ(nexus::function("add", std::function<int(int, int)>(add))(2, 3).as<int>(), 5);
    int calls = 0;
    const nexus::Object counter = nexus::function("count", [calls]() mutable { return ++calls; });
    counter();
    EXPECT_EQ(counter().as<int>(), 2);
    const nexus::Object reference = nexus::function("count", [&calls] { calls++; });
    EXPECT_TRUE(reference().is_none());
    EXPECT_EQ(calls, 1);
    EXPECT_EQ(values().call<int>("call_back", nexus::function("add", add), 2, 3), 5);
    std::vector<std::string> texts{"ccc", "a", "bb"};
    EXPECT_EQ(nexus::import_module("builtins").call<std::vector<std::string>>(
                  "sorted", texts, nexus::kw("key") = nexus::function("length", [](std::string_view text) { return text.size(); })),
              (std::vector<std::string>{"a", "bb", "ccc"}));
}

TEST(Functions, TakeValuesOfEveryType)
{
    const nexus::Object f = nexus::function(
        "f", [](bool b, std::int8_t i, double d, std::string_view s, const std::string &t, nexus::bytes_view y,
                const std::vector<int> &v, std::map<std::string, double> m, std::optional<int> o,
                std::variant<int, std::string> a, std::pair<int, int> p) {
            return std::to_string(b) + std::to_string(i) + std::to_string(static_cast<int>(d * 2)) + std::string(s) + t +
                   std::string(y.chars()) + std::to_string(v.size()) + std::to_string(m.size()) +
                   (o ? std::to_string(*o) : "-") + std::to_string(a.index()) + std::to_string(p.second);
        });
    EXPECT_EQ(seen(f, "True, -5, 1.5, 'view', 'text', b'bytes', [1, 2], {'a': 1.5}, None, 'x', (1, 2)"),
              "'1-53viewtextbytes21-12'");
}

TEST(Functions, TakeAndKeepObjects)
{
    nexus::Object kept;
    const nexus::Module module = values();
    {
        const nexus::Object keep = nexus::function("keep", [&kept](nexus::Object object) { kept = std::move(object); });
        const nexus::Object look = nexus::function("look", [](const nexus::Object &object) { return object.type_name(); });
        EXPECT_EQ(look(module.call("Tracked")).as<std::string>(), "values.Tracked");
        EXPECT_EQ(look("text").as<std::string>(), "builtins.str");
        keep(module.call("Tracked"));
        EXPECT_EQ(module.call<int>("count_alive"), 1);
        EXPECT_EQ(kept.type_name(), "values.Tracked");
        keep("text");
        EXPECT_EQ(kept.as<std::string_view>(), "text");
        EXPECT_EQ(module.call<int>("count_alive"), 0);
        const nexus::Object clone = nexus::function("clone", [](const nexus::Object &object) { return object.clone(); });
        const nexus::Object list = nexus::list(1);
        EXPECT_TRUE(clone(list).is(list));
        EXPECT_EQ(clone("text").as<std::string>(), "text");
    }
    EXPECT_EQ(kept.as<std::string>(), "text");
}

TEST(Functions, ReturnValuesOfEveryType)
{
    EXPECT_EQ(seen(nexus::function("f", [] {})), "None");
    EXPECT_EQ(seen(nexus::function("f", [] { return true; })), "True");
    EXPECT_EQ(seen(nexus::function("f", [] { return 18446744073709551615U; })), "18446744073709551615");
    EXPECT_EQ(seen(nexus::function("f", [] { return 1.5; })), "1.5");
    EXPECT_EQ(seen(nexus::function("f", [] { return std::string(100, 'x'); })), "'" + std::string(100, 'x') + "'");
    EXPECT_EQ(seen(nexus::function("f", [] { return "literal"; })), "'literal'");
    EXPECT_EQ(seen(nexus::function("f", [](std::string_view text) { return text.substr(1); }), "'text'"), "'ext'");
    EXPECT_EQ(seen(nexus::function("f", [] { return nexus::bytes("b"); })), "b'b'");
    EXPECT_EQ(seen(nexus::function("f", [] { return std::vector<std::string>{"a"}; })), "['a']");
    EXPECT_EQ(seen(nexus::function("f", [] { return std::map<int, std::vector<int>>{{1, {2}}}; })), "{1: [2]}");
    EXPECT_EQ(seen(nexus::function("f", [] { return std::make_tuple(1, std::string("a")); })), "(1, 'a')");
    EXPECT_EQ(seen(nexus::function("f", [] { return std::optional<std::string>(); })), "None");
    EXPECT_EQ(seen(nexus::function("f", [] { return std::optional<nexus::Object>(nexus::list(1)); })), "[1]");
    EXPECT_EQ(seen(nexus::function("f", [] { return nexus::list(1, 2); })), "[1, 2]");
    EXPECT_EQ(seen(nexus::function("f", [] { return nexus::object("text"); })), "'text'");
    EXPECT_EQ(seen(nexus::function("f", [] { return nexus::function("g", add); }), ")(2, 3"), "5");
    EXPECT_EQ(seen(nexus::function("f", [] { return nexus::result<int>(5); })), "5");
    EXPECT_EQ(seen(nexus::function("f", [] { return nexus::result<void>(); })), "None");
    EXPECT_EQ(seen(nexus::function("f", [] { return std::string("\xff"); })).substr(0, 18), "UnicodeDecodeError");
    const nexus::Module module = values();
    for (int i = 0; i < 3; i++) {
        const nexus::Object makes = nexus::function("makes", [&] { return std::vector<nexus::Object>(2); });
        EXPECT_EQ(seen(makes), "[None, None]");
        const nexus::Object tracked = nexus::function("tracked", [&] { return module.call("Tracked"); });
        EXPECT_EQ(tracked().type_name(), "values.Tracked");
        const nexus::Object maybe = nexus::function("maybe", [&] { return std::make_optional(module.call("Tracked")); });
        EXPECT_EQ(maybe().type_name(), "values.Tracked");
    }
    EXPECT_EQ(module.call<int>("count_alive"), 0);
}

TEST(Functions, RefuseWrongArgumentsAsPythonDoes)
{
    const nexus::Object f = nexus::function("f", [](int, std::string_view, std::optional<double>) {});
    EXPECT_EQ(seen(f, "1, 'a'"), "None");
    EXPECT_EQ(seen(f, "1, 'a', None"), "None");
    EXPECT_EQ(seen(f, "1"), "TypeError: f() is missing argument 2");
    EXPECT_EQ(seen(f, "1, 'a', 2.0, 3"), "TypeError: f() takes 3 positional arguments but 4 were given");
    EXPECT_EQ(seen(f, "'a', 'b'"), "TypeError: f(): argument 1: expected int, got str");
    EXPECT_EQ(seen(f, "2**40, 'b'"), "OverflowError: f(): argument 1: 1099511627776 does not fit into 32 bits with a sign");
    EXPECT_EQ(seen(f, "1, 'a', x=2.0"), "TypeError: f() got an unexpected keyword argument 'x'");
    EXPECT_EQ(seen(nexus::function("f", [](const std::vector<int> &) {}), "[1, 'x']"), "TypeError: f(): argument 1: item 1: expected int, got str");
}

TEST(Functions, TakeKeywordsOfTheNamesGiven)
{
    const nexus::Object f = nexus::function(nexus::def("scale").doc("Scales.").parameters({"x", "by"}),
                                            [](double x, std::optional<double> by) { return x * by.value_or(2); });
    EXPECT_EQ(seen(f, "3"), "6.0");
    EXPECT_EQ(seen(f, "3, by=4"), "12.0");
    EXPECT_EQ(seen(f, "by=4, x=1"), "4.0");
    EXPECT_EQ(seen(f, "1, x=1"), "TypeError: scale() got multiple values for argument 'x'");
    EXPECT_EQ(seen(f, "1, to=1"), "TypeError: scale() got an unexpected keyword argument 'to'");
    EXPECT_EQ(seen(f, "by=4"), "TypeError: scale() is missing argument 1 ('x')");
    EXPECT_EQ(seen(f, "x='a'"), "TypeError: scale(): argument 1 ('x'): expected float, got str");
    EXPECT_EQ(f.attr("__name__").as<std::string>(), "scale");
    EXPECT_EQ(f.doc(), "Scales.");
    EXPECT_EQ(f(1.5, nexus::kw("by") = 2).as<double>(), 3.0);
}

TEST(Functions, TakeWhateverComes)
{
    const nexus::Object f = nexus::function("f", [](nexus::arguments all) {
        std::string text = std::to_string(all.size());
        for (std::size_t i = 0; i < all.size(); i++) text += " " + all.get(i).repr();
        for (std::size_t i = 0; i < all.keyword_count(); i++) text += " " + std::string(all.keyword_name(i));
        return text + (all.find<int>("k") ? " k=" + std::to_string(*all.find<int>("k")) : "");
    });
    EXPECT_EQ(seen(f, "1, 'two', a=1, k=5"), "\"2 1 'two' a k k=5\"");
    EXPECT_EQ(seen(f), "'0'");
    EXPECT_EQ(seen(nexus::function("f", [](nexus::arguments all) { return all.get<int>(1); }), "1"), "LookupError: there is no argument 2");
    EXPECT_EQ(seen(nexus::function("f", [](const nexus::arguments &all) { return all.get<int>(0); }), "'x'"), "TypeError: argument 1: expected int, got str");
}

TEST(Exceptions, BecomeThoseOfPython)
{
    const auto raises = [](auto exception) { return seen(nexus::function("f", [exception] { throw exception; })); };
    EXPECT_EQ(raises(std::runtime_error("text")), "RuntimeError: text");
    EXPECT_EQ(raises(std::logic_error("text")), "RuntimeError: text");
    EXPECT_EQ(raises(std::invalid_argument("text")), "ValueError: text");
    EXPECT_EQ(raises(std::domain_error("text")), "ValueError: text");
    EXPECT_EQ(raises(std::length_error("text")), "ValueError: text");
    EXPECT_EQ(raises(std::range_error("text")), "ValueError: text");
    EXPECT_EQ(raises(std::out_of_range("text")), "IndexError: text");
    EXPECT_EQ(raises(std::overflow_error("text")), "OverflowError: text");
    EXPECT_EQ(raises(std::bad_alloc()).substr(0, 11), "MemoryError");
    EXPECT_EQ(raises(std::system_error(std::make_error_code(std::errc::permission_denied), "text")).substr(0, 13), "OSError: text");
    EXPECT_EQ(raises(std::exception()), "RuntimeError: std::exception");
    EXPECT_EQ(raises(5), "RuntimeError: a C++ exception that is no std::exception");
    EXPECT_EQ(raises("text"), "RuntimeError: a C++ exception that is no std::exception");
    EXPECT_EQ(raises(std::runtime_error("bad \xff byte")), "RuntimeError: bad \\xff byte");
    EXPECT_EQ(raises(std::out_of_range("\xc3\xb6\xff")), "IndexError: \\xc3\\xb6\\xff");
}

TEST(Exceptions, OfNexusAreWhatTheyWere)
{
    EXPECT_EQ(seen(nexus::function("f", [] { nexus::raise("builtins.KeyError", "no such user"); })), "KeyError: 'no such user'");
    EXPECT_EQ(seen(nexus::function("f", [] { throw nexus::Error(NEXUS_ERR_TIMEOUT, "too late"); })), "TimeoutError: too late");
    EXPECT_EQ(seen(nexus::function("f", [] { return nexus::object("x").as<int>(); })), "TypeError: expected int, got str");
    const auto fails = [](int x) -> nexus::result<int> {
        if (x < 0) return nexus::python_exception("builtins.ArithmeticError", "negative");
        return x;
    };
    EXPECT_EQ(seen(nexus::function("f", fails), "-1"), "ArithmeticError: negative");
    EXPECT_EQ(seen(nexus::function("f", fails), "3"), "3");
}

TEST(Exceptions, OfPythonPassThroughAsTheSameObject)
{
    const nexus::Object globals = run("raised = KeyError('first')\n"
                                      "def fails(): raise raised\n"
                                      "def same(f):\n"
                                      "    try: f()\n"
                                      "    except KeyError as e: return e is raised\n");
    nexus::Object fails = globals["fails"];
    EXPECT_TRUE(globals["same"](nexus::function("through", [&] { return fails(); })).as<bool>());
    std::exception_ptr kept;
    const nexus::Object keeps = nexus::function("keeps", [&] {
        try {
            fails();
        } catch (...) {
            kept = std::current_exception();
            throw;
        }
    });
    EXPECT_TRUE(globals["same"](keeps).as<bool>()) << "also when somebody else has kept it";
    EXPECT_THROW(std::rethrow_exception(kept), nexus::Error);
    const nexus::Object results = nexus::function("results", [&] { return fails.try_invoke<int>(); });
    EXPECT_TRUE(globals["same"](results).as<bool>());
}

TEST(Exceptions, ComeBackToTheCaller)
{
    const nexus::Object f = nexus::function("f", [] { throw std::out_of_range("beyond"); });
    try {
        values().call("call_back", f);
        FAIL();
    } catch (const nexus::Error &error) {
        EXPECT_STREQ(error.what(), "builtins.IndexError: beyond");
    }
}

TEST(Functions, AreDestroyedWhenPythonNeedsThemNoMore)
{
    std::atomic<int> alive{0};
    {
        const nexus::Object f = nexus::function("f", Tracked(alive));
        EXPECT_EQ(alive, 1);
        nexus::Object globals = nexus::dict(nexus::kw("f") = f);
        EXPECT_EQ(f(7).as<int>(), 7);
        const nexus::Object other = f.clone();
    }
    EXPECT_EQ(alive, 0);
    EXPECT_STATUS(nexus::function("\xff", Tracked(alive)), NEXUS_ERR_INVALID_ARGUMENT);
    EXPECT_EQ(alive, 0) << "also when it cannot be made";
    const nexus::Module module = values();
    {
        nexus::Object owned = module.call("Tracked");
        const nexus::Object f = nexus::function("f", [kept = std::make_shared<nexus::Object>(std::move(owned))] { return kept->type_name(); });
        EXPECT_EQ(f().as<std::string>(), "values.Tracked");
    }
    EXPECT_EQ(module.call<int>("count_alive"), 0) << "and what it has captured with it";
}

TEST(Functions, MayCallPythonAgain)
{
    const nexus::Module module = values();
    nexus::Object recursive;
    recursive = nexus::function("down", [&](int n) -> int { return n == 0 ? 0 : 1 + module.call<int>("call_back", recursive, n - 1); });
    EXPECT_EQ(recursive(20).as<int>(), 20);
    const nexus::Object held = nexus::function(nexus::def("held").hold_gil(), [&](int n) { return module.call<int>("add", n, 1); });
    EXPECT_EQ(held(1).as<int>(), 2);
    const nexus::attach guard;
    EXPECT_EQ(recursive(20).as<int>(), 20);
    recursive = nexus::Object();
}

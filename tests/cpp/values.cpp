// None, numbers, texts and bytes, both ways.
#include "host.hpp"

#include <cmath>
#include <limits>
#include <variant>

using namespace std::string_literals;

namespace {

/// What arrives in Python: "int 5".
template <class T> std::string arrives(const T &value) { return values().call<std::string>("describe", value); }

/// There and back.
template <class T> T echo(const T &value) { return values().call<T>("echo", value); }

/// What the module `values` makes of that name, as a T.
template <class T> T made(const char *name) { return values().call<T>("make", name); }

} // namespace

TEST(Arguments, ArriveAsTheTypeTheyStandFor)
{
    EXPECT_EQ(arrives(nullptr), "NoneType None");
    EXPECT_EQ(arrives(std::nullopt), "NoneType None");
    EXPECT_EQ(arrives(std::monostate()), "NoneType None");
    EXPECT_EQ(arrives(static_cast<const char *>(nullptr)), "NoneType None");
    EXPECT_EQ(arrives(true), "bool True");
    EXPECT_EQ(arrives(5), "int 5");
    EXPECT_EQ(arrives(static_cast<signed char>(-5)), "int -5");
    EXPECT_EQ(arrives(static_cast<unsigned char>(200)), "int 200");
    EXPECT_EQ(arrives(static_cast<short>(-300)), "int -300");
    EXPECT_EQ(arrives(70000U), "int 70000");
    EXPECT_EQ(arrives(-5L), "int -5");
    EXPECT_EQ(arrives(-5LL), "int -5");
    EXPECT_EQ(arrives(std::size_t{7}), "int 7");
    EXPECT_EQ(arrives(1.5), "float 1.5");
    EXPECT_EQ(arrives(0.5F), "float 0.5");
    EXPECT_EQ(arrives("text"), "str 'text'");
    EXPECT_EQ(arrives("größe"s), "str 'größe'");
    EXPECT_EQ(arrives(std::string_view("a\0b", 3)), "str 'a\\x00b'");
    char writable[] = "abc";
    EXPECT_EQ(arrives(writable), "str 'abc'");
    char *pointer = writable;
    EXPECT_EQ(arrives(pointer), "str 'abc'");
    EXPECT_EQ(arrives(nexus::bytes("a\0\xff"s)), "bytes b'a\\x00\\xff'");
    EXPECT_EQ(arrives(nexus::bytes_view("\xff", 1)), "bytes b'\\xff'");
    EXPECT_EQ(arrives(nexus::bytes()), "bytes b''");
    EXPECT_EQ(arrives(""), "str ''");
    EXPECT_EQ(arrives(std::string_view()), "str ''");
#ifdef __cpp_char8_t
    EXPECT_EQ(arrives(u8"größe"), "str 'größe'");
    EXPECT_EQ(arrives(std::u8string(u8"ö")), "str 'ö'");
#endif
}

TEST(Arguments, TextThatIsNoUtf8IsRefused)
{
    EXPECT_STATUS(arrives("\xff"), NEXUS_ERR_INVALID_ARGUMENT);
    EXPECT_THROW(arrives("\xff"), std::invalid_argument);
}

TEST(Integers, OfEveryWidthKeepTheirLimits)
{
    EXPECT_EQ(echo(std::numeric_limits<std::int8_t>::min()), -128);
    EXPECT_EQ(echo(std::numeric_limits<std::uint8_t>::max()), 255);
    EXPECT_EQ(echo(std::numeric_limits<std::int16_t>::min()), -32768);
    EXPECT_EQ(echo(std::numeric_limits<std::uint16_t>::max()), 65535);
    EXPECT_EQ(echo(std::numeric_limits<std::int32_t>::min()), std::numeric_limits<std::int32_t>::min());
    EXPECT_EQ(echo(std::numeric_limits<std::uint32_t>::max()), 4294967295U);
    EXPECT_EQ(echo(std::numeric_limits<std::int64_t>::min()), std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(echo(std::numeric_limits<std::int64_t>::max()), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(echo(std::numeric_limits<std::uint64_t>::max()), std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(echo(std::uint64_t{1} << 63), std::uint64_t{1} << 63);
    EXPECT_EQ(echo((std::uint64_t{1} << 63) - 1), (std::uint64_t{1} << 63) - 1);
    EXPECT_EQ(echo(std::numeric_limits<long long>::min()), std::numeric_limits<long long>::min());
    EXPECT_EQ(echo(std::numeric_limits<unsigned long long>::max()), std::numeric_limits<unsigned long long>::max());
    EXPECT_EQ(arrives(std::numeric_limits<std::uint64_t>::max()), "int 18446744073709551615");
}

TEST(Integers, ThatDoNotFitAreErrors)
{
    const nexus::Module module = values();
    EXPECT_STATUS(module.call<std::int8_t>("echo", 128), NEXUS_ERR_OVERFLOW);
    EXPECT_STATUS(module.call<std::int8_t>("echo", -129), NEXUS_ERR_OVERFLOW);
    EXPECT_STATUS(module.call<std::uint8_t>("echo", -1), NEXUS_ERR_OVERFLOW);
    EXPECT_STATUS(module.call<std::uint32_t>("echo", 4294967296), NEXUS_ERR_OVERFLOW);
    EXPECT_STATUS(module.call<std::uint64_t>("echo", -1), NEXUS_ERR_OVERFLOW);
    EXPECT_STATUS(made<std::int64_t>("above_int64"), NEXUS_ERR_OVERFLOW);
    EXPECT_STATUS(made<std::int64_t>("below_int64"), NEXUS_ERR_OVERFLOW);
    EXPECT_STATUS(made<std::uint64_t>("huge_int"), NEXUS_ERR_OVERFLOW);
    EXPECT_STATUS(made<int>("huge_int"), NEXUS_ERR_OVERFLOW);
    EXPECT_EQ(made<std::uint64_t>("above_int64"), std::uint64_t{1} << 63);
    EXPECT_THROW(made<int>("int64_max"), std::out_of_range) << "as std::stoi has it";
    EXPECT_WHAT(module.call<std::uint8_t>("echo", 300), "300 does not fit into 8 bits without a sign");
    EXPECT_WHAT(module.call<short>("echo", 40000), "40000 does not fit into 16 bits with a sign");
}

TEST(Integers, AreNeverGuessed)
{
    const nexus::Module module = values();
    EXPECT_STATUS(module.call<int>("echo", true), NEXUS_ERR_TYPE);
    EXPECT_STATUS(module.call<int>("echo", 1.0), NEXUS_ERR_TYPE);
    EXPECT_STATUS(module.call<int>("echo", "1"), NEXUS_ERR_TYPE);
    EXPECT_STATUS(module.call<int>("echo", nullptr), NEXUS_ERR_TYPE);
    EXPECT_STATUS(module.call<unsigned long>("echo", "1"), NEXUS_ERR_TYPE);
    EXPECT_STATUS(made<int>("list"), NEXUS_ERR_TYPE);
    EXPECT_THROW(made<int>("list"), std::invalid_argument);
    EXPECT_WHAT(made<int>("list"), "expected int, got builtins.list");
    EXPECT_EQ(made<int>("int_subclass"), 7);
    EXPECT_EQ(made<std::uint64_t>("int_subclass"), 7U);
    EXPECT_STATUS(run("class Big(int): pass\nbig = Big(300)")["big"].as<std::uint8_t>(), NEXUS_ERR_OVERFLOW);
}

TEST(Booleans, AreBoolsAndNothingElse)
{
    EXPECT_TRUE(echo(true));
    EXPECT_FALSE(echo(false));
    EXPECT_STATUS(values().call<bool>("echo", 1), NEXUS_ERR_TYPE);
    EXPECT_STATUS(values().call<bool>("echo", nullptr), NEXUS_ERR_TYPE);
}

TEST(Reals, AreWhatTheyAre)
{
    EXPECT_EQ(echo(0.1), 0.1);
    EXPECT_TRUE(std::isnan(made<double>("nan")));
    EXPECT_EQ(made<double>("infinity"), std::numeric_limits<double>::infinity());
    EXPECT_EQ(made<double>("minus_infinity"), -std::numeric_limits<double>::infinity());
    EXPECT_TRUE(std::signbit(made<double>("minus_zero")));
    EXPECT_EQ(made<double>("smallest_real"), 5e-324);
    EXPECT_EQ(made<double>("real_subclass"), 1.5);
    EXPECT_TRUE(std::isnan(made<float>("nan")));
    EXPECT_EQ(made<float>("infinity"), std::numeric_limits<float>::infinity());
    EXPECT_EQ(values().call<float>("echo", 0.1), 0.1F);
}

TEST(Reals, TakeIntsThatTheyHoldExactly)
{
    const nexus::Module module = values();
    EXPECT_EQ(module.call<double>("echo", 3), 3.0);
    EXPECT_EQ(module.call<double>("echo", 9007199254740992), 9007199254740992.0);
    EXPECT_STATUS(module.call<double>("echo", 9007199254740993), NEXUS_ERR_OVERFLOW);
    EXPECT_EQ(module.call<float>("echo", 16777216), 16777216.0F);
    EXPECT_STATUS(module.call<float>("echo", 16777217), NEXUS_ERR_OVERFLOW);
    EXPECT_STATUS(module.call<float>("echo", 1e39), NEXUS_ERR_OVERFLOW);
    EXPECT_STATUS(module.call<double>("echo", true), NEXUS_ERR_TYPE);
    EXPECT_STATUS(module.call<double>("echo", "1.5"), NEXUS_ERR_TYPE);
    EXPECT_STATUS(made<double>("complex"), NEXUS_ERR_TYPE);
}

TEST(Texts, OfEveryKind)
{
    EXPECT_EQ(echo("größe €"s), "größe €");
    EXPECT_EQ(made<std::string>("text_nul"), "a\0b"s);
    EXPECT_EQ(made<std::string>("text_empty"), "");
    EXPECT_EQ(made<std::string>("text_wide"), "größe € 🐍");
    EXPECT_EQ(made<std::string>("text_subclass"), "abc");
    EXPECT_STATUS(made<std::string>("text_surrogate"), NEXUS_ERR_TYPE);
    EXPECT_STATUS(made<std::string>("bytes_nul"), NEXUS_ERR_TYPE);
    EXPECT_STATUS(made<std::string>("zero"), NEXUS_ERR_TYPE);
    EXPECT_STATUS(made<std::string>("none"), NEXUS_ERR_TYPE);
    EXPECT_STATUS(made<std::string>("list"), NEXUS_ERR_TYPE);
}

TEST(Texts, AreViewsAsLongAsTheirObject)
{
    const nexus::Object text = values().call("make", "text_wide");
    EXPECT_EQ(text.as<std::string_view>(), "größe € 🐍");
    EXPECT_EQ(text.as<std::string_view>().data(), text.value().as.text.data) << "no copy";
    EXPECT_EQ(text.kind(), NEXUS_KIND_TEXT);
    const nexus::Object bytes = values().call("make", "bytes_nul");
    EXPECT_EQ(bytes.as<nexus::bytes_view>().chars(), "a\0b\xff"s);
    EXPECT_STATUS(bytes.as<std::string_view>(), NEXUS_ERR_TYPE);
    EXPECT_STATUS(text.as<nexus::bytes_view>(), NEXUS_ERR_TYPE);
}

TEST(Texts, OfSubclassesAreTheirCharacters)
{
    const nexus::Object globals = run("class Text(str):\n    def __str__(self): return 'something else'\ntext = Text('abc')");
    EXPECT_EQ(globals["text"].as<std::string>(), "abc");
}

TEST(Bytes, AndWhateverHasThemInOneBlock)
{
    EXPECT_EQ(echo(nexus::bytes("a\0\xff"s)).chars(), "a\0\xff"s);
    EXPECT_EQ(made<nexus::bytes>("bytes_nul").chars(), "a\0b\xff"s);
    EXPECT_EQ(made<nexus::bytes>("bytes_empty").size(), 0U);
    EXPECT_EQ(made<nexus::bytes>("bytearray").chars(), "abc");
    EXPECT_EQ(made<nexus::bytes>("bytes_subclass").chars(), "abc");
    EXPECT_EQ(eval("memoryview(b'abcdef')[1:3]").as<nexus::bytes>().chars(), "bc");
    EXPECT_STATUS(eval("memoryview(b'abcdef')[::2]").as<nexus::bytes>(), NEXUS_ERR_TYPE);
    EXPECT_STATUS(eval("__import__('array').array('i', [1])").as<nexus::bytes>(), NEXUS_ERR_TYPE);
    EXPECT_STATUS(made<nexus::bytes>("text_latin"), NEXUS_ERR_TYPE);
    EXPECT_STATUS(made<nexus::bytes>("list"), NEXUS_ERR_TYPE);
    EXPECT_STATUS(made<nexus::bytes>("none"), NEXUS_ERR_TYPE);
    nexus::bytes bytes("ab");
    bytes.data()[0] = std::byte{'x'};
    EXPECT_EQ(bytes.chars(), "xb");
    EXPECT_EQ(nexus::bytes_view(bytes), nexus::bytes_view("xb", 2));
}

TEST(None, IsAnEmptyOptional)
{
    EXPECT_EQ(arrives(std::optional<int>()), "NoneType None");
    EXPECT_EQ(arrives(std::optional<int>(5)), "int 5");
    EXPECT_EQ(arrives(std::optional<std::string>("x")), "str 'x'");
    EXPECT_EQ(made<std::optional<int>>("none"), std::nullopt);
    EXPECT_EQ(made<std::optional<int>>("zero"), 0);
    EXPECT_EQ(made<std::optional<std::string>>("text_latin"), "é");
    EXPECT_STATUS(made<std::optional<int>>("text_latin"), NEXUS_ERR_TYPE);
    EXPECT_EQ(made<std::monostate>("none"), std::monostate());
    EXPECT_STATUS(made<std::monostate>("zero"), NEXUS_ERR_TYPE);
    EXPECT_TRUE(values().call("make", "none").is_none());
}

TEST(Variants, TakeTheAlternativeThatIsMeant)
{
    using Any = std::variant<std::monostate, double, std::int64_t, bool, std::string, nexus::bytes>;
    EXPECT_EQ(std::get<std::int64_t>(made<Any>("int64_max")), std::numeric_limits<std::int64_t>::max());
    EXPECT_EQ(std::get<double>(made<Any>("infinity")), std::numeric_limits<double>::infinity());
    EXPECT_EQ(std::get<bool>(made<Any>("true")), true);
    EXPECT_EQ(std::get<std::string>(made<Any>("text_latin")), "é");
    EXPECT_EQ(std::get<nexus::bytes>(made<Any>("bytes_nul")).size(), 4U);
    EXPECT_TRUE(std::holds_alternative<std::monostate>(made<Any>("none")));
    EXPECT_STATUS(made<Any>("list"), NEXUS_ERR_TYPE);
    // Without one that is meant, the first that takes it.
    EXPECT_EQ(std::get<0>(values().call<std::variant<double, std::string>>("echo", 3)), 3.0);
    EXPECT_EQ(std::get<1>(values().call<std::variant<std::int8_t, int>>("echo", 300)), 300);
    EXPECT_EQ(std::get<1>(values().call<std::variant<int, nexus::Object>>("make", "list")).as<std::vector<int>>().size(), 3U);
}

TEST(Variants, ArriveAsWhatTheyHold)
{
    using Some = std::variant<int, std::string, std::vector<int>>;
    EXPECT_EQ(arrives(Some(5)), "int 5");
    EXPECT_EQ(arrives(Some("x")), "str 'x'");
    EXPECT_EQ(arrives(Some(std::vector<int>{1})), "list [1]");
}

TEST(Objects, OfValuesKnowTheirKind)
{
    EXPECT_EQ(nexus::object(5).kind(), NEXUS_KIND_INTEGER);
    EXPECT_EQ(nexus::object("text").kind(), NEXUS_KIND_TEXT);
    EXPECT_EQ(nexus::object(std::string(100, 'x')).as<std::string>(), std::string(100, 'x'));
    EXPECT_EQ(nexus::object(nexus::bytes("x")).kind(), NEXUS_KIND_BYTES);
    EXPECT_EQ(nexus::object(true).kind(), NEXUS_KIND_BOOLEAN);
    EXPECT_EQ(nexus::object(1.5).kind(), NEXUS_KIND_REAL);
    EXPECT_EQ(nexus::object(nullptr).kind(), NEXUS_KIND_NONE);
    EXPECT_EQ(nexus::object(std::numeric_limits<std::uint64_t>::max()).kind(), NEXUS_KIND_OBJECT);
    EXPECT_EQ(nexus::object(std::vector<int>{1}).kind(), NEXUS_KIND_OBJECT);
}
